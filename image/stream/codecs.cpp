#include "image/stream/codecs.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

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

class Bzip2Decoder : public Decoder {
 public:
  ~Bzip2Decoder() override { end(); }

  void begin() override {
    end();
    stream_ = {};
    if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) {
      throw Error("bzip2 cannot be started", "memory may be short");
    }
    started_ = true;
  }

  Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) override {
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(input.data()));
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = reinterpret_cast<char*>(output.data());
    const size_t room = std::min<size_t>(output.size(), 1U << 30);
    stream_.avail_out = static_cast<unsigned>(room);
    const int code = ::BZ2_bzDecompress(&stream_);
    input = input.last(stream_.avail_in);
    output = output.subspan(room - stream_.avail_out);
    if (code == BZ_STREAM_END) return {State::member_end};
    if (code == BZ_OK) return {State::more};
    if (code == BZ_MEM_ERROR) return {State::damaged, "it wants more memory than there is"};
    return {State::damaged, "a block or its checksum is wrong"};
  }

 private:
  void end() {
    if (started_) ::BZ2_bzDecompressEnd(&stream_);
    started_ = false;
  }
  bz_stream stream_{};
  bool started_ = false;
};

class XzDecoder : public Decoder {
 public:
  ~XzDecoder() override { ::lzma_end(&stream_); }

  void begin() override {
    // Dictionaries up to 64 MiB (xz -9) fit; the header of an evil one asks for 4 GiB.
    constexpr uint64_t memory_limit = 128 << 20;
    if (::lzma_stream_decoder(&stream_, memory_limit, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
      throw Error("xz cannot be started", "memory may be short");
    }
  }

  Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) override {
    stream_.next_in = reinterpret_cast<const uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<uint8_t*>(output.data());
    stream_.avail_out = output.size();
    const lzma_ret code = ::lzma_code(&stream_, LZMA_RUN);
    input = input.last(stream_.avail_in);
    output = output.last(stream_.avail_out);
    switch (code) {
      case LZMA_STREAM_END:
        return {State::member_end};
      case LZMA_OK:
      case LZMA_BUF_ERROR:
        return {State::more};
      case LZMA_MEMLIMIT_ERROR:
      case LZMA_MEM_ERROR:
        return {State::damaged, "it wants more than 128 MiB of memory"};
      case LZMA_UNSUPPORTED_CHECK:
        return {State::damaged, "its kind of checksum is not supported"};
      default:
        return {State::damaged, "a block or its checksum is wrong"};
    }
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class ZstdDecoder : public Decoder {
 public:
  ZstdDecoder() : stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) throw Error("zstd cannot be started", "memory may be short");
  }
  ~ZstdDecoder() override { ::ZSTD_freeDStream(stream_); }

  void begin() override { ::ZSTD_initDStream(stream_); }

  Result decode(std::span<const std::byte>& input, std::span<std::byte>& output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const size_t code = ::ZSTD_decompressStream(stream_, &out, &in);
    input = input.subspan(in.pos);
    output = output.subspan(out.pos);
    if (::ZSTD_isError(code) != 0) return {State::damaged, ::ZSTD_getErrorName(code)};
    return {code == 0 ? State::member_end : State::more};
  }

 private:
  ZSTD_DStream* stream_;
};

}  // namespace

std::unique_ptr<Decoder> make_bzip2_decoder() { return std::make_unique<Bzip2Decoder>(); }
std::unique_ptr<Decoder> make_xz_decoder() { return std::make_unique<XzDecoder>(); }
std::unique_ptr<Decoder> make_zstd_decoder() { return std::make_unique<ZstdDecoder>(); }

namespace {

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
