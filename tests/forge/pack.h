// Compression for archives and layers, and bombs: streams that unpack to gigabytes but take
// milliseconds to make.
//
// A deflate stream can be flushed so that what follows refers to nothing before it (Z_FULL_FLUSH).
// So a chunk is compressed once and its bytes are written as often as wanted; the checksum is
// combined, not computed.
//
// Sources: zlib.h, deflate and crc32_combine; RFC 1951, 3.2.4; RFC 1952, 2.3; RFC 8878, 3.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace minirun::forge {

enum class Packing { none, gzip, bzip2, xz, zstd };

/// The bytes as one stream of that packing; the same bytes give the same stream.
std::string pack(std::string_view bytes, Packing packing);

/// One gzip member, put together of parts that may each stand many times.
class GzipStream {
 public:
  GzipStream& add(std::string_view part, uint64_t times = 1);
  /// `size` zero bytes.
  GzipStream& zeros(uint64_t size);
  std::string finish();

 private:
  std::string deflated_;
  unsigned long crc_ = 0;
  uint64_t size_ = 0;
};

}  // namespace minirun::forge
