#include "image/stream/decompress.h"

#include <algorithm>

#include "image/stream/codecs.h"
#include "image/stream/packed.h"
#include "runner/base/error.h"

namespace minirun::image {
namespace {

bool begins_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

/// Zstandard's skippable frames: magic 0x184D2A50 to 5F, little-endian. zstd:chunked layers end
/// with one.
bool is_skippable_frame(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && (bytes[0] & std::byte{0xf0}) == std::byte{0x50} &&
         begins_with(bytes.subspan(1), "\x2a\x4d\x18");
}

/// No compression.
class PlainStream : public ByteStream {
 public:
  explicit PlainStream(ByteStream& source) : source_(source) {}
  size_t read(std::span<std::byte> into) override { return source_.read(into); }

 private:
  ByteStream& source_;
};

std::unique_ptr<Decoder> make_decoder(Compression format) {
  switch (format) {
    case Compression::gzip: {
      auto fast = make_isal_decoder();
      return fast ? std::move(fast) : make_zlib_decoder();
    }
    case Compression::bzip2:
      return make_bzip2_decoder();
    case Compression::xz:
      return make_xz_decoder();
    case Compression::zstd:
      return make_zstd_decoder();
    case Compression::none:
      break;
  }
  return nullptr;
}

}  // namespace

Compression sniff(std::span<const std::byte> first) {
  using namespace std::string_view_literals;
  // The third byte is the method, always 8, deflate: two bytes alone could begin a tar's first file
  // name.
  if (begins_with(first, "\x1f\x8b\x08"sv)) return Compression::gzip;
  if (begins_with(first, "BZh"sv) && first.size() > 3 && first[3] >= std::byte{'1'} &&
      first[3] <= std::byte{'9'}) {
    return Compression::bzip2;
  }
  if (begins_with(first,
                  "\xfd"
                  "7zXZ\0"sv))
    return Compression::xz;
  if (begins_with(first, "\x28\xb5\x2f\xfd"sv) || is_skippable_frame(first)) {
    return Compression::zstd;
  }
  return Compression::none;
}

std::string_view name_of(Compression format) {
  switch (format) {
    case Compression::gzip:
      return "gzip";
    case Compression::bzip2:
      return "bzip2";
    case Compression::xz:
      return "xz";
    case Compression::zstd:
      return "zstd";
    case Compression::none:
      break;
  }
  return "no compression";
}

std::unique_ptr<ByteStream> decompress(Compression format, ByteStream& packed,
                                       const std::string& name) {
  if (format == Compression::none) return std::make_unique<PlainStream>(packed);
  return std::make_unique<PackedStream>(format, make_decoder(format), packed, name);
}

PeekedStream::PeekedStream(ByteStream& source, size_t length) : source_(source), storage_(length) {
  size_t filled = 0;
  while (filled < length) {
    const size_t got = source_.read(std::span(storage_).subspan(filled));
    if (got == 0) break;
    filled += got;
  }
  first_ = std::span(storage_).first(filled);
}

size_t PeekedStream::read(std::span<std::byte> into) {
  if (given_ == first_.size()) return source_.read(into);
  const size_t length = std::min(into.size(), first_.size() - given_);
  std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(given_), length, into.begin());
  given_ += length;
  return length;
}

}  // namespace minirun::image
