#include "image/stream/packed.h"

#include <algorithm>

#include "runner/base/error.h"

namespace minirun::image {
namespace {

constexpr size_t buffer_size = 256 << 10;
/// A member begins with as much of it in one piece: ISA-L 2.30 loses its place in a gzip header
/// that comes in parts.
constexpr size_t whole_header = 128 << 10;

}  // namespace

PackedStream::PackedStream(Compression format, std::unique_ptr<Decoder> decoder, ByteStream& packed,
                           std::string name)
    : format_(format),
      decoder_(std::move(decoder)),
      packed_(packed),
      name_(std::move(name)),
      buffer_(buffer_size) {}

void PackedStream::fail(std::string_view what) const {
  throw ImageError(cat(name_, ": the ", name_of(format_), " data ", what),
                   "the file is damaged or was not copied whole; copy or save the image again");
}

/// Has at least `length` bytes of input, fewer only at the source's end.
void PackedStream::want(size_t length) {
  if (input_.size() >= length || source_ended_) return;
  std::copy(input_.begin(), input_.end(), buffer_.begin());
  size_t filled = input_.size();
  while (filled < length && !source_ended_) {
    const size_t got = packed_.read(std::span(buffer_).subspan(filled));
    filled += got;
    source_ended_ = got == 0;
  }
  input_ = std::span(buffer_).first(filled);
}

/// Finds the next member; false at the end of all.
bool PackedStream::begin_member() {
  want(whole_header);
  if (!first_member_) {
    if (input_.empty()) return false;
    if (input_.front() == std::byte{0}) {
      check_padding();
      return false;
    }
    if (sniff(input_) != format_) fail("is followed by other bytes");
  }
  first_member_ = false;
  decoder_->begin();
  return true;
}

void PackedStream::check_padding() {
  while (!input_.empty()) {
    const bool zeros =
        std::all_of(input_.begin(), input_.end(), [](std::byte b) { return b == std::byte{0}; });
    if (!zeros) fail("is followed by other bytes");
    input_ = {};
    want(1);
  }
}

void PackedStream::decode(std::span<std::byte>& output) {
  want(1);
  const size_t input_before = input_.size();
  const size_t output_before = output.size();
  const auto [state, why] = decoder_->decode(input_, output);
  if (state == Decoder::State::damaged) fail(cat("is damaged: ", why));
  in_member_ = state == Decoder::State::more;
  if (in_member_ && input_.size() == input_before && output.size() == output_before) {
    fail(source_ended_ && input_.empty() ? "is cut off" : "is damaged: its end is missing");
  }
}

size_t PackedStream::read(std::span<std::byte> into) {
  std::span<std::byte> output = into;
  while (!output.empty()) {
    if (!in_member_ && !(in_member_ = begin_member())) break;
    decode(output);
  }
  return into.size() - output.size();
}

}  // namespace minirun::image
