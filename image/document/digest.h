// Names that are computed from content: "sha256:" and 64 hexadecimal digits.
//
//   digest     of the bytes of a blob in the archive
//   diff id    of a layer's uncompressed tar: it doesn't depend on how the layer is packed
//   chain id   of a layer on top of its parents:
//              chain(1) = diff(1), chain(n) = sha256(chain(n-1) " " diff(n))
//
// Source: image-spec, descriptor.md "Digests" and config.md "Layer ChainID".
#pragma once

#include <nettle/sha2.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace minirun::image {

struct Digest {
  std::array<uint8_t, 32> bytes{};

  /// From "sha256:<64 lower-case hex digits>". Anything else, such as another algorithm, is an
  /// ImageError that begins with `where`. So paths are built only of checked digests.
  static Digest parse(std::string_view text, std::string_view where);
  /// From the 64 digits alone, which are names of directories in the store, or legacy names.
  /// nullopt if `hex` is anything else.
  static std::optional<Digest> from_hex(std::string_view hex);

  std::string hex() const;
  std::string str() const { return "sha256:" + hex(); }
  /// The first 12 digits, for people.
  std::string short_hex() const { return hex().substr(0, 12); }

  auto operator<=>(const Digest&) const = default;
};

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256() { nettle_sha256_init(&state_); }
  void update(std::span<const std::byte> bytes);
  /// The digest of all bytes since the start. After that, starts again with no bytes.
  Digest finish();

 private:
  sha256_ctx state_{};
};

Digest sha256(std::string_view bytes);

/// The chain id of a layer; `parent` is empty for the lowest.
Digest chain_id(const std::optional<Digest>& parent, const Digest& diff_id);

}  // namespace minirun::image
