// The five ways in which an archive or a layer is packed. The magic bytes decide which one it is. A
// media type or a file's name may be wrong, and is not used.
//
// minirun itself checks gzip to the last byte, because libarchive accepts a bad CRC, trailing bytes
// and a truncated end without an error. The other formats' libraries check theirs. minirun never
// runs a program to unpack: an image could have a hostile /usr/bin/xz (CVE-2026-41567).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/stream/stream.h"

namespace minirun::image {

enum class Compression { none, gzip, bzip2, xz, zstd };

/// How many of the first bytes `sniff` needs.
constexpr size_t magic_length = 6;

/// The format, by its first bytes (RFC 1952, 2.3.1; RFC 8878, 3.1.1; the xz file format, 2.1.1.1;
/// "BZh").
Compression sniff(std::span<const std::byte> first);

/// "gzip", "no compression"...
std::string_view name_of(Compression);

/// The unpacked bytes of `packed`, which is borrowed and read to its end. After the last member
/// only zeros may follow. Throws ImageError that names `name` and says what is wrong: truncated,
/// damaged, or followed by other bytes. `none` returns the bytes of `packed` as they are.
std::unique_ptr<ByteStream> decompress(Compression, ByteStream& packed, const std::string& name);

/// A stream whose first bytes can be looked at before it is read.
class PeekedStream : public ByteStream {
 public:
  /// Reads up to `length` bytes of `source` (fewer only at its end), which is borrowed.
  PeekedStream(ByteStream& source, size_t length);
  std::span<const std::byte> first() const { return first_; }
  size_t read(std::span<std::byte> into) override;

 private:
  ByteStream& source_;
  std::vector<std::byte> storage_;
  std::span<const std::byte> first_;
  size_t given_ = 0;
};

}  // namespace minirun::image
