// The five ways in which an archive or a layer is packed. The magic bytes decide; a media type or a
// file's name is only what somebody said.
//
// gzip is ours to check to the last byte (libarchive takes a bad CRC, trailing junk and a cut-off
// end in silence), the others by their own libraries. No program is ever run: an image could ship
// an evil /usr/bin/xz (CVE-2026-41567).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/stream/stream.h"

namespace minirun::image {

enum class Compression { none, gzip, bzip2, xz, zstd };

/// How many of the first bytes `sniff` wants to see.
constexpr size_t magic_length = 6;

/// What the first bytes say (RFC 1952, 2.3.1; RFC 8878, 3.1.1; the xz file format, 2.1.1.1; "BZh").
Compression sniff(std::span<const std::byte> first);

/// "gzip", "no compression"...
std::string_view name_of(Compression);

/// The unpacked bytes of `packed`, which is borrowed and read to its very end: after the last byte
/// of the last member nothing but zero padding may follow. Throws ImageError that names `name` and
/// says what is wrong: cut off, damaged, followed by other bytes. `none` reads `packed` as it is.
std::unique_ptr<ByteStream> decompress(Compression, ByteStream& packed, const std::string& name);

/// A stream with its first bytes put back, so that they can be looked at before it is decided who
/// reads it.
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
