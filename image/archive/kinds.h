// The three archives behind archive.h, and the streams they share.
#pragma once

#include <string_view>

#include "image/archive/archive.h"

namespace minirun::image {

/// The name that messages use: a path, or "standard input".
std::unique_ptr<Archive> open_directory(UniqueFd dir, std::string name, LayerPlace& place,
                                        Progress& progress);
std::unique_ptr<Archive> list_tar(UniqueFd file, uint64_t size, const std::string& name,
                                  LayerPlace& place, Progress& progress);
/// One pass over an unpacked tar. Borrowed: all but the name.
std::unique_ptr<Archive> read_stream(ByteStream& tar, const std::string& name, LayerPlace& place);

/// Whether a block of 512 bytes begins a tar archive: the magic, or a checksum that fits (tars of
/// before 1988).
bool looks_like_tar(std::span<const std::byte> first);

/// A stream that tells how much was read of it.
class CountedStream : public ByteStream {
 public:
  CountedStream(ByteStream& source, Progress& progress) : source_(source), progress_(progress) {}
  size_t read(std::span<std::byte> into) override;

 private:
  ByteStream& source_;
  Progress& progress_;
};

/// Reads `bytes` as a layer into its place, or only verifies them.
ReadLayer unpack_member(ByteStream& bytes, const std::string& member, bool unpack,
                        LayerPlace& place);

/// All of a stream that is known to be short.
std::string read_whole(ByteStream& bytes, uint64_t size);

}  // namespace minirun::image
