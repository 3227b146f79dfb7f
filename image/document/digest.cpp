#include "image/document/digest.h"

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr std::string_view algorithm = "sha256:";
constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

Digest Digest::parse(std::string_view text, std::string_view where) {
  if (text.starts_with(algorithm)) {
    if (const auto digest = from_hex(text.substr(algorithm.size()))) return *digest;
  }
  throw ImageError(cat(where, ": \"", printable(text.substr(0, 80)), "\" is not a digest"),
                   "a digest is \"sha256:\" and 64 lower-case hexadecimal digits");
}

std::optional<Digest> Digest::from_hex(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    const size_t high = digits.find(hex[2 * i]);
    const size_t low = digits.find(hex[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    digest.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return digest;
}

std::string Digest::hex() const {
  std::string hex;
  for (const uint8_t byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

void Sha256::update(std::span<const std::byte> bytes) {
  nettle_sha256_update(&state_, bytes.size(), reinterpret_cast<const uint8_t*>(bytes.data()));
}

Digest Sha256::finish() {
  Digest digest;
  nettle_sha256_digest(&state_, digest.bytes.size(), digest.bytes.data());
  return digest;
}

Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.finish();
}

Digest chain_id(const std::optional<Digest>& parent, const Digest& diff_id) {
  return parent ? sha256(cat(parent->str(), " ", diff_id.str())) : diff_id;
}

}  // namespace minirun::image
