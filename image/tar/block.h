// One header block (512 bytes) of a tar archive, read strictly: only what the formats' definitions
// allow.
//
// Source: tar(5), "Old-Style Archive Format", "POSIX ustar Archives", "GNU tar Archives".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace minirun::image {

constexpr size_t tar_block_size = 512;

enum class TarFormat { v7, ustar, gnu, unknown };

/// A number field: octal with spaces before and a space or NUL after, or GNU's base-256. nullopt
/// for anything else, and for negative numbers.
std::optional<uint64_t> parse_tar_number(std::string_view field);

/// Whether all bytes are zero; true if there are no bytes.
bool all_zero(std::string_view bytes);

/// A view of the block; valid as long as the bytes are.
class TarBlock {
 public:
  explicit TarBlock(std::string_view bytes) : bytes_(bytes) {}

  bool checksum_is_right() const;
  TarFormat format() const;
  char type() const { return bytes_[156]; }
  bool has_name() const { return bytes_[0] != 0; }
  std::string_view uid() const { return bytes_.substr(108, 8); }
  std::string_view gid() const { return bytes_.substr(116, 8); }
  std::string_view size() const { return bytes_.substr(124, 12); }
  std::string_view major() const { return bytes_.substr(329, 8); }
  std::string_view minor() const { return bytes_.substr(337, 8); }

  // GNU's old sparse files: the beginning of the map is in the header; another block may continue
  // it.
  std::string_view gnu_sparse() const { return bytes_.substr(386, 109); }
  bool gnu_sparse_goes_on() const { return bytes_[482] != 0; }
  std::string_view gnu_real_size() const { return bytes_.substr(483, 12); }

 private:
  std::string_view bytes_;
};

}  // namespace minirun::image
