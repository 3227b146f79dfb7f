// A tar archive written block by block, so that every field can be what no tar program would write.
//
//     header block (512 bytes) | content, padded to 512 | ... | two blocks of zeros
//
// What is not set is right: checksum, sizes, octal numbers. What is set goes in as it is.
//
// Sources: pax(1) "ustar Interchange Format", "pax Header Block"; tar(5) "GNU Tar Archives" (long
// names, base-256).
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace minirun::forge {

/// A field of the header block.
struct Field {
  size_t offset;
  size_t length;
};

namespace field {
constexpr Field name{0, 100}, mode{100, 8}, uid{108, 8}, gid{116, 8}, size{124, 12}, mtime{136, 12},
    checksum{148, 8}, type{156, 1}, link{157, 100}, magic{257, 8}, user{265, 32}, group{297, 32},
    major{329, 8}, minor{337, 8}, prefix{345, 155};
// Of the GNU "S" header, in the place of prefix: four (offset, length) pairs, then the size with
// the holes.
constexpr Field sparse_offset{386, 12}, sparse_length{398, 12}, sparse_real_size{483, 12};
}  // namespace field

/// The member's metadata. `raw` is written last, over everything else, before the checksum is made.
struct Header {
  std::string name = {};
  char type = '0';
  std::string link = {};
  uint32_t mode = 0644;
  uint64_t uid = ::geteuid();  ///< so that a tester who isn't root may make the files
  uint64_t gid = ::getegid();
  int64_t mtime = 1'000'000'000;
  uint32_t major = 0;
  uint32_t minor = 0;
  std::vector<std::pair<Field, std::string>> raw = {};
  bool good_checksum = true;
};

/// The header as one block. A name or link that is too long for its field is cut (see Tar::add).
std::string header_block(const Header& header, uint64_t size);

/// A number in GNU's base-256 form, which can be negative and over 2^33; `length` bytes,
/// big-endian.
std::string base256(int64_t number, size_t length);

/// A field's octal digits, zero-padded, and a NUL; base-256 where the number doesn't fit.
std::string octal(uint64_t number, size_t length);

/// Writes bytes into a block, whose size stays.
void put(std::string& block, size_t offset, std::string_view bytes);

/// Writes the right checksum into a header block.
void seal(std::string& block);

/// "18 path=some/name\n": a pax record whose length counts itself.
std::string pax_record(std::string_view key, std::string_view value);

class Tar {
 public:
  /// A member with its content. A long name or link goes into a pax header before it.
  Tar& add(const Header& header, std::string_view content = {});
  /// A header whose size field says `size`, with `content` as it is after it (padded): they need
  /// not agree.
  Tar& add_sized(const Header& header, uint64_t size, std::string_view content);
  /// An extended header for the next member ('x') or for all that follow ('g'); `records` as they
  /// are.
  Tar& pax(std::string_view records, char type = 'x');
  /// GNU's header for a long name ('L') or link ('K') of the next member.
  Tar& gnu_long(std::string_view name, char type = 'L');
  Tar& raw(std::string_view bytes);

  // The usual members, for layers that are mostly right.
  Tar& file(const std::string& name, std::string_view content = {}, uint32_t mode = 0644);
  Tar& dir(const std::string& name, uint32_t mode = 0755);
  Tar& symlink(const std::string& name, const std::string& target);
  Tar& hardlink(const std::string& name, const std::string& target);
  Tar& fifo(const std::string& name);
  Tar& device(const std::string& name, char type, uint32_t major, uint32_t minor);
  /// A file with extended attributes, as pax headers carry them (SCHILY.xattr.NAME).
  Tar& file_with_xattrs(const std::string& name,
                        const std::vector<std::pair<std::string, std::string>>& xattrs);

  /// Without the two blocks of zeros.
  const std::string& open_ended() const { return bytes_; }
  /// With them.
  std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

 private:
  std::string bytes_;
};

}  // namespace minirun::forge
