// Bytes for the tests of the image floor: streams over strings, entries of tar archives, compressed
// strings.
#pragma once

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/stream/stream.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/forge/tar_blocks.h"

namespace minirun::test {

/// A string as a stream that gives at most `step` bytes at a time.
class StringStream : public image::ByteStream {
 public:
  explicit StringStream(std::string bytes, size_t step = SIZE_MAX)
      : bytes_(std::move(bytes)), step_(step) {}
  size_t read(std::span<std::byte> into) override {
    const size_t length = std::min({into.size(), step_, bytes_.size() - given_});
    std::copy_n(reinterpret_cast<const std::byte*>(bytes_.data()) + given_, length, into.data());
    given_ += length;
    return length;
  }

 private:
  std::string bytes_;
  size_t step_;
  size_t given_ = 0;
};

/// All that a stream gives, read in pieces of `step`.
inline std::string read_all(image::ByteStream& stream, size_t step = 4096) {
  std::string all;
  std::vector<std::byte> buffer(step);
  while (const size_t got = stream.read(buffer)) {
    all.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
  return all;
}

/// What an action says when it refuses; empty if it doesn't.
template <typename Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const ImageError& error) {
    return error.what();
  }
  return "";
}

// ---- tar ----

/// The fields of a header block; what is not set is as GNU tar and Go write it.
struct TarHeader {
  std::string name;
  char type = '0';
  std::string data = {};
  std::string target = {};
  uint32_t mode = 0644;
  uint64_t uid = ::geteuid();
  uint64_t gid = ::getegid();
  uint64_t mtime = 1'600'000'000;
  std::string size = {};  ///< the field itself, if it should not say data's
  std::string major = {};
  std::string minor = {};
  std::string magic = std::string(
      "ustar\0"
      "00",
      8);
};

using forge::octal;
using forge::pax_record;
using forge::put;
using forge::seal;

/// The number in base-256, as GNU tar writes what octal can't hold.
inline std::string base256(uint64_t number, size_t width) {
  return forge::base256(static_cast<int64_t>(number), width);
}

inline std::string tar_block(const TarHeader& header) {
  forge::Header made{.name = header.name,
                     .type = header.type,
                     .link = header.target,
                     .mode = header.mode,
                     .uid = header.uid,
                     .gid = header.gid,
                     .mtime = static_cast<int64_t>(header.mtime)};
  made.raw = {{forge::field::magic, header.magic}};
  if (!header.size.empty()) made.raw.emplace_back(forge::field::size, header.size);
  if (!header.major.empty()) made.raw.emplace_back(forge::field::major, header.major);
  if (!header.minor.empty()) made.raw.emplace_back(forge::field::minor, header.minor);
  return forge::header_block(made, header.data.size());
}

inline std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 511) / 512 * 512, '\0');
  return bytes;
}

inline std::string tar_entry(const TarHeader& header) {
  return tar_block(header) + padded(header.data);
}

inline std::string tar_end() { return std::string(1024, '\0'); }

using Records = std::vector<std::pair<std::string, std::string>>;

/// A pax header with these records, before `entry`.
inline std::string pax(const Records& records, const std::string& entry, char type = 'x') {
  std::string body;
  for (const auto& [keyword, value] : records) body += pax_record(keyword, value);
  return tar_entry({.name = "PaxHeaders/x", .type = type, .data = body}) + entry;
}

const std::string gnu_magic("ustar  \0", 8);

/// GNU's long name ('L') or long link target ('K') before `entry`.
inline std::string gnu_long(char type, const std::string& name, const std::string& entry) {
  return tar_entry(
             {.name = "././@LongLink", .type = type, .data = name + '\0', .magic = gnu_magic}) +
         entry;
}

inline std::string file(const std::string& name, const std::string& content) {
  return tar_entry({.name = name, .data = content});
}
inline std::string dir(const std::string& name, uint32_t mode = 0755) {
  return tar_entry({.name = name, .type = '5', .mode = mode});
}
inline std::string symlink(const std::string& name, const std::string& target) {
  return tar_entry({.name = name, .type = '2', .target = target});
}
inline std::string hardlink(const std::string& name, const std::string& target) {
  return tar_entry({.name = name, .type = '1', .target = target});
}

// ---- compression ----

inline std::string gzip(const std::string& bytes, int level = 6) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string xz(const std::string& bytes) {
  std::string packed(lzma_stream_buffer_bound(bytes.size()), '\0');
  size_t length = 0;
  lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, nullptr,
                          reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                          reinterpret_cast<uint8_t*>(packed.data()), &length, packed.size());
  packed.resize(length);
  return packed;
}

inline std::string bzip2(const std::string& bytes) {
  std::string packed(bytes.size() + bytes.size() / 100 + 1000, '\0');
  auto length = static_cast<unsigned>(packed.size());
  BZ2_bzBuffToBuffCompress(packed.data(), &length, const_cast<char*>(bytes.data()),
                           static_cast<unsigned>(bytes.size()), 1, 0, 0);
  packed.resize(length);
  return packed;
}

inline std::string zstd(const std::string& bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress2(context, packed.data(), packed.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return packed;
}

}  // namespace minirun::test
