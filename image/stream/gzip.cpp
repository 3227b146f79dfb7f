#include "image/stream/gzip.h"

#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>

#include "runner/base/error.h"

// Null where the library was not linked in.
extern "C" {
[[gnu::weak]] void isal_inflate_init(struct inflate_state*);
[[gnu::weak]] int isal_inflate(struct inflate_state*);
}

namespace minirun::image {
namespace {

using Result = Decoder::Result;
using State = Decoder::State;

std::string_view isal_words(int code) {
  switch (code) {
    case ISAL_INCORRECT_CHECKSUM:
      return "its checksum or length is wrong";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
      return "a header is not one of gzip";
    default:
      return "a block is not one of deflate";
  }
}

class IsalDecoder : public Decoder {
 public:
  IsalDecoder() : state_(new inflate_state) {}

  void begin() override {
    ::isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
  }

  Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) override {
    state_->next_in = reinterpret_cast<uint8_t*>(const_cast<std::byte*>(input.data()));
    state_->avail_in = static_cast<uint32_t>(input.size());
    state_->next_out = reinterpret_cast<uint8_t*>(output.data());
    const size_t room = std::min<size_t>(output.size(), 1U << 30);
    state_->avail_out = static_cast<uint32_t>(room);
    const int code = ::isal_inflate(state_.get());
    input = input.last(state_->avail_in);
    output = output.subspan(room - state_->avail_out);
    if (code < 0) return {State::damaged, isal_words(code)};
    // A stream that was cut off returns ISAL_DECOMP_OK as well; only the state tells an end from a
    // pause.
    return {state_->block_state == ISAL_BLOCK_FINISH ? State::member_end : State::more};
  }

 private:
  std::unique_ptr<inflate_state> state_;  // 100 KiB
};

class ZlibDecoder : public Decoder {
 public:
  ZlibDecoder() {
    constexpr int gzip_only = 16;  // zlib.h, inflateInit2
    if (::inflateInit2(&stream_, MAX_WBITS + gzip_only) != Z_OK) {
      throw Error("zlib cannot be started", "memory may be short");
    }
  }
  ~ZlibDecoder() override { ::inflateEnd(&stream_); }

  void begin() override { ::inflateReset(&stream_); }

  Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    const size_t room = std::min<size_t>(output.size(), 1U << 30);
    stream_.avail_out = static_cast<uInt>(room);
    const int code = ::inflate(&stream_, Z_NO_FLUSH);
    input = input.last(stream_.avail_in);
    output = output.subspan(room - stream_.avail_out);
    if (code == Z_STREAM_END) return {State::member_end};
    if (code == Z_OK || code == Z_BUF_ERROR) return {State::more};
    return {State::damaged, stream_.msg == nullptr ? "zlib refuses it" : stream_.msg};
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::unique_ptr<Decoder> make_isal_decoder() {
  if (::isal_inflate == nullptr || ::isal_inflate_init == nullptr) return nullptr;
  return std::make_unique<IsalDecoder>();
}

std::unique_ptr<Decoder> make_zlib_decoder() { return std::make_unique<ZlibDecoder>(); }

}  // namespace minirun::image
