#include "image/stream/decompress.h"

#include <functional>
#include <random>

#include "image/stream/codecs.h"
#include "image/stream/packed.h"
#include "tests/unit/bytes.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

namespace minirun::image {
namespace {

using namespace std::string_literals;
using test::StringStream;

struct Format {
  std::string name;
  Compression compression;
  std::function<std::string(const std::string&)> pack;
  std::function<std::unique_ptr<Decoder>()> decoder;
};

std::string gzip6(const std::string& bytes) { return test::gzip(bytes); }

std::vector<Format> formats() {
  return {{"gzip by ISA-L", Compression::gzip, gzip6, make_isal_decoder},
          {"gzip by zlib", Compression::gzip, gzip6, make_zlib_decoder},
          {"bzip2", Compression::bzip2, test::bzip2, make_bzip2_decoder},
          {"xz", Compression::xz, test::xz, make_xz_decoder},
          {"zstd", Compression::zstd, test::zstd, make_zstd_decoder}};
}

/// Bytes that pack by about half and have both long matches and noise.
std::string sample(size_t size) {
  std::mt19937 random(42);
  std::string bytes;
  while (bytes.size() < size) {
    bytes += std::string(random() % 40, static_cast<char>('a' + random() % 26));
    for (int i = 0; i < 20; ++i) bytes += static_cast<char>(random());
  }
  bytes.resize(size);
  return bytes;
}

std::string unpack(const Format& format, const std::string& packed, size_t in = SIZE_MAX,
                   size_t out = 4096) {
  StringStream source(packed, in);
  PackedStream stream(format.compression, format.decoder(), source, "layer 1");
  return test::read_all(stream, out);
}

/// The formats that this machine can read; says so where ISA-L isn't there.
std::vector<Format> available() {
  std::vector<Format> all = formats();
  if (make_isal_decoder() == nullptr) {
    WARN("minirun was built without ISA-L: only zlib is tested");
    all.erase(all.begin());
  }
  return all;
}

TEST_CASE("what was packed comes out, however the bytes arrive") {
  const std::string content = sample(150'000);
  for (const Format& format : available()) {
    CAPTURE(format.name);
    const std::string packed = format.pack(content);
    CHECK(unpack(format, packed) == content);
    CHECK(unpack(format, packed, 1) == content);
    CHECK(unpack(format, packed, 7, 3) == content);
    CHECK(unpack(format, packed, SIZE_MAX, 1 << 20) == content);
    CHECK(unpack(format, format.pack("")).empty());
  }
}

TEST_CASE("a member's end may lie across two reads") {
  constexpr size_t buffer = 256 << 10;  // PackedStream's
  const std::string noise = sample(buffer);
  for (const Format& format : available()) {
    if (format.compression != Compression::gzip) continue;
    const size_t overhead = test::gzip(noise, 0).size() - noise.size();
    for (size_t past = 0; past < 24; ++past) {
      CAPTURE(format.name, past);
      const std::string content = noise.substr(0, buffer - overhead + past - 4);
      const std::string packed = test::gzip(content, 0);
      CHECK(packed.size() + 40 > buffer);
      CHECK(unpack(format, packed) == content);
      CHECK(unpack(format, packed + packed) == content + content);
      CHECK_FALSE(
          test::refusal([&] { unpack(format, packed.substr(0, packed.size() - 1)); }).empty());
    }
  }
}

TEST_CASE("several members are one stream, and zeros at the end are padding") {
  const std::string content = sample(5000);
  for (const Format& format : available()) {
    CAPTURE(format.name);
    const std::string two = format.pack(content) + format.pack("") + format.pack("more");
    CHECK(unpack(format, two) == content + "more");
    CHECK(unpack(format, two, 1) == content + "more");
    CHECK(unpack(format, two + std::string(1'000'000, '\0')) == content + "more");
    CHECK(unpack(format, two + "\0"s) == content + "more");
  }
}

TEST_CASE("case 12: a stream that is cut off anywhere is refused in words") {
  const std::string content = sample(2000);
  for (const Format& format : available()) {
    const std::string packed = format.pack(content);
    for (size_t length = 1; length < packed.size(); ++length) {
      CAPTURE(format.name, length, packed.size());
      const auto said = test::refusal([&] { unpack(format, packed.substr(0, length)); });
      CHECK(said.find("layer 1: the ") == 0);
      CHECK(said.find("is cut off") != std::string::npos);
      CHECK(test::refusal([&] { unpack(format, packed.substr(0, length), 1); }) == said);
    }
    const auto said =
        test::refusal([&] { unpack(format, packed + packed.substr(0, packed.size() - 1)); });
    CHECK(said.find("is cut off") != std::string::npos);
  }
}

TEST_CASE("case 11: other bytes after the end are refused") {
  for (const Format& format : available()) {
    const std::string packed = format.pack("content");
    for (const std::string& junk : {"x"s, "\0x"s, "junk that is longer than any magic"s,
                                    std::string(300'000, '\0') + "x", packed.substr(0, 1)}) {
      CAPTURE(format.name, junk.size());
      const auto said = test::refusal([&] { unpack(format, packed + junk); });
      CHECK(said.find("is followed by other bytes") != std::string::npos);
    }
  }
}

TEST_CASE("case 11: gzip whose CRC or length is wrong is refused, by ISA-L and by zlib") {
  for (const Format& format : available()) {
    if (format.compression != Compression::gzip) continue;
    const std::string packed = format.pack(sample(3000));
    for (size_t from_end = 1; from_end <= 8; ++from_end) {
      CAPTURE(format.name, from_end);
      std::string damaged = packed;
      damaged[damaged.size() - from_end] =
          static_cast<char>(damaged[damaged.size() - from_end] ^ 1);
      const auto said = test::refusal([&] { unpack(format, damaged); });
      CHECK(said.find("gzip data is damaged") != std::string::npos);
    }
  }
}

TEST_CASE("a flipped bit in the content is noticed, whatever the format") {
  const std::string content = sample(3000);
  for (const Format& format : available()) {
    const std::string packed = format.pack(content);
    for (size_t at = packed.size() / 4; at < packed.size() * 3 / 4; at += 13) {
      CAPTURE(format.name, at);
      std::string damaged = packed;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      CHECK_FALSE(test::refusal([&] { unpack(format, damaged); }).empty());
    }
  }
}

TEST_CASE("gzip headers with a name, a comment, extra fields and a header CRC are read") {
  const std::string plain = test::gzip("content");
  std::string header = plain.substr(0, 10);
  header[3] = 4 | 8 | 16;  // FEXTRA, FNAME, FCOMMENT (RFC 1952, 2.3.1)
  const std::string extra = "\x05\x00"s + "abcde";
  const std::string packed = header + extra + "name.tar\0"s + "a comment\0"s + plain.substr(10);
  for (const Format& format : available()) {
    if (format.compression != Compression::gzip) continue;
    CAPTURE(format.name);
    CHECK(unpack(format, packed) == "content");
    CHECK(unpack(format, packed, 1) == "content");
    for (size_t length = 11; length < 40; ++length) {
      CHECK_FALSE(test::refusal([&] { unpack(format, packed.substr(0, length), 1); }).empty());
    }
  }
}

TEST_CASE("zstd's skippable frames may stand before and after the content") {
  const std::string skippable = "\x5a\x2a\x4d\x18\x03\x00\x00\x00"s + "abc";
  const std::string packed = skippable + test::zstd("content") + skippable;
  StringStream source(packed);
  CHECK(sniff(std::as_bytes(std::span(packed))) == Compression::zstd);
  CHECK(test::read_all(*decompress(Compression::zstd, source, "layer")) == "content");
}

TEST_CASE("the first bytes tell the format, and nothing else does") {
  const auto sniffed = [](const std::string& bytes) {
    return sniff(std::as_bytes(std::span(bytes)).first(std::min(bytes.size(), magic_length)));
  };
  for (const Format& format : formats()) CHECK(sniffed(format.pack("x")) == format.compression);
  for (const std::string& bytes :
       {""s, "\x1f"s, "\x1f\x8b"s, "BZ"s, "BZhello"s, "etc/passwd"s, "\0\0\0\0\0\0"s}) {
    CHECK(sniffed(bytes) == Compression::none);
  }
  CHECK(name_of(Compression::gzip) == "gzip");
  CHECK(name_of(Compression::none) == "no compression");
}

TEST_CASE("decompress reads every format that sniff knows, and passes on what is not packed") {
  for (const Format& format : formats()) {
    StringStream source(format.pack("content"));
    CHECK(test::read_all(*decompress(format.compression, source, "layer")) == "content");
  }
  StringStream source("content");
  CHECK(test::read_all(*decompress(Compression::none, source, "layer")) == "content");
}

TEST_CASE("a header that asks for gigabytes of memory is refused") {
  // An LZMA2 dictionary of 1.5 GiB (size code 37), put into the block header by hand (the xz file
  // format, 3.1).
  std::string packed = test::xz("content");
  const size_t header_size = (static_cast<size_t>(packed[12]) + 1) * 4;
  const size_t filter = packed.find("\x21\x01", 14);
  REQUIRE(filter < 12 + header_size);
  packed[filter + 2] = 37;
  const uint32_t crc =
      lzma_crc32(reinterpret_cast<const uint8_t*>(packed.data()) + 12, header_size - 4, 0);
  for (size_t i = 0; i < 4; ++i)
    packed[12 + header_size - 4 + i] = static_cast<char>(crc >> (8 * i));
  StringStream source(packed);
  const auto said =
      test::refusal([&] { test::read_all(*decompress(Compression::xz, source, "layer")); });
  CHECK(said.find("more than 128 MiB") != std::string::npos);
}

TEST_CASE("peeked bytes are read again") {
  StringStream source("content", 2);
  PeekedStream peeked(source, 5);
  CHECK(peeked.first().size() == 5);
  CHECK(test::read_all(peeked, 3) == "content");
  StringStream tiny("ab");
  PeekedStream all(tiny, 5);
  CHECK(all.first().size() == 2);
  CHECK(test::read_all(all) == "ab");
}

TEST_CASE(
    "a part of a file is read without moving its offset, and one that is too short is refused") {
  const scratch::Dir dir;
  files::replace_file(dir.fd(), "f", "0123456789");
  const UniqueFd fd = files::open_at(dir.fd(), "f", O_RDONLY);
  FileStream middle(fd.get(), "f", 3, 4);
  CHECK(test::read_all(middle, 3) == "3456");
  FileStream whole(fd.get(), "f");
  CHECK(test::read_all(whole) == "0123456789");
  FileStream beyond(fd.get(), "f", 8, 5);
  CHECK(test::refusal([&] { test::read_all(beyond); }) ==
        "f is cut off: 3 bytes are missing at its end");
}

}  // namespace
}  // namespace minirun::image
