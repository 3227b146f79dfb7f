#include "image/tar/block.h"

#include <algorithm>
#include <cstring>

namespace minirun::image {

bool all_zero(std::string_view bytes) {
  // Each byte equals the one before it, and the first is zero: memcmp does it as fast as memory can
  // be read.
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::optional<uint64_t> parse_tar_number(std::string_view field) {
  uint64_t number = 0;
  if ((field[0] & 0x80) != 0) {
    if ((field[0] & 0x40) != 0) return std::nullopt;
    number = static_cast<uint64_t>(field[0] & 0x3f);
    for (const char c : field.substr(1)) {
      if (number >> 55 != 0) return std::nullopt;
      number = number << 8 | static_cast<unsigned char>(c);
    }
    return number;
  }
  const size_t start = std::min(field.find_first_not_of(' '), field.size());
  for (const char c : field.substr(start)) {
    if (c == ' ' || c == 0) break;
    if (c < '0' || c > '7') return std::nullopt;
    number = number << 3 | static_cast<uint64_t>(c - '0');  // 12 digits at most: no overflow
  }
  return number;
}

bool TarBlock::checksum_is_right() const {
  constexpr int blank = 8 * ' ';  // the checksum is counted as if its own field were blank
  int unsigned_sum = blank;
  int signed_sum = blank;
  const auto add = [&](std::string_view part) {
    for (const char c : part) {
      unsigned_sum += static_cast<unsigned char>(c);
      signed_sum += static_cast<signed char>(c);
    }
  };
  add(bytes_.substr(0, 148));
  add(bytes_.substr(156));
  const auto said = parse_tar_number(bytes_.substr(148, 8));
  // Signed sums are an old mistake of some tars that readers have to live with (tar(5),
  // "checksum").
  return said && (*said == static_cast<uint64_t>(unsigned_sum) ||
                  static_cast<int64_t>(*said) == signed_sum);
}

TarFormat TarBlock::format() const {
  const std::string_view magic = bytes_.substr(257, 8);
  if (magic == std::string_view("ustar  \0", 8)) return TarFormat::gnu;
  if (magic.starts_with(std::string_view("ustar\0", 6))) {
    // star's own format has other fields where ustar has the end of a long prefix.
    const bool star = bytes_.substr(508) == std::string_view("tar\0", 4);
    return star ? TarFormat::unknown : TarFormat::ustar;
  }
  return all_zero(magic) ? TarFormat::v7 : TarFormat::unknown;
}

}  // namespace minirun::image
