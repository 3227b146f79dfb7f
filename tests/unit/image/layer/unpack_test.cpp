#include "image/layer/unpack.h"

#include "tests/unit/bytes.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

namespace minirun::image {
namespace {

using namespace std::string_literals;
using test::file;
using test::StringStream;
using test::tar_end;

UnpackedLayer unpack(const std::string& bytes, int diff, LayerLimits limits = {}) {
  StringStream member(bytes);
  if (diff == -1) return unpack_layer(member, nullptr, "layer");
  LayerWriter writer(diff, "layer", limits);
  return unpack_layer(member, &writer, "layer");
}

/// A layer that takes many times round the ring.
std::string large_layer() {
  std::string bytes;
  for (int i = 0; i < 30; ++i) {
    bytes += file("f" + std::to_string(i), std::string(1 << 20, static_cast<char>('a' + i % 26)));
  }
  return bytes + tar_end();
}

TEST_CASE(
    "blob digest, diff id and sizes are those of the bytes, for small and large layers, packed or "
    "not") {
  for (const std::string& tar : {file("f", "content") + tar_end(), large_layer()}) {
    for (const std::string& bytes : {tar, test::gzip(tar, 1), test::zstd(tar)}) {
      const scratch::Dir diff;
      const UnpackedLayer layer = unpack(bytes, diff.fd());
      CHECK(layer.blob == sha256(bytes));
      CHECK(layer.blob_size == bytes.size());
      CHECK(layer.diff_id == sha256(tar));
      CHECK(layer.diff_size == tar.size());
      CHECK(layer.stats.entries == files::list_dir(diff.fd(), ".").size());
      const UnpackedLayer verified = unpack(bytes, -1);
      CHECK(verified.blob == layer.blob);
      CHECK(verified.diff_id == layer.diff_id);
      CHECK(verified.diff_size == layer.diff_size);
    }
  }
}

TEST_CASE("bzip2 and xz layers are unpacked") {
  const std::string tar = file("f", "content") + tar_end();
  for (const std::string& bytes : {test::bzip2(tar), test::xz(tar)}) {
    const scratch::Dir diff;
    CHECK(unpack(bytes, diff.fd()).diff_id == sha256(tar));
    CHECK(diff.read("f") == "content");
  }
}

TEST_CASE("case 11: a gzip inside a gzip is refused") {
  const scratch::Dir diff;
  const std::string twice = test::gzip(test::gzip(file("f", "x") + tar_end()));
  const auto said = test::refusal([&] { unpack(twice, diff.fd()); });
  CHECK(said.find("a gzip inside a gzip") != std::string::npos);
  CHECK_FALSE(test::refusal([&] { unpack(twice, -1); }).empty());
  CHECK(files::list_dir(diff.fd(), ".").empty());
}

TEST_CASE(
    "case 13: any number of zeros after the tar's end is part of the layer, in constant memory") {
  const std::string tar = file("f", "x") + std::string(50 << 20, '\0');
  const std::string packed = test::gzip(tar, 1);
  const scratch::Dir diff;
  const UnpackedLayer layer = unpack(packed, diff.fd());
  CHECK(layer.diff_id == sha256(tar));
  CHECK(layer.diff_size == tar.size());
  const auto said = test::refusal([&] { unpack(test::gzip(tar + "x", 1), diff.fd()); });
  CHECK(said.find("after the archive's end") != std::string::npos);
}

TEST_CASE("case 15: a layer of 0 bytes and one of 1,024 zeros are empty layers") {
  for (const std::string& tar : {""s, tar_end()}) {
    for (const std::string& bytes : {tar, test::gzip(tar), test::zstd(tar)}) {
      const scratch::Dir diff;
      const UnpackedLayer layer = unpack(bytes, diff.fd());
      CHECK(layer.diff_id == sha256(tar));
      CHECK(layer.stats.entries == 0);
      CHECK(files::list_dir(diff.fd(), ".").empty());
    }
  }
}

TEST_CASE("layers that end exactly where a block of the ring does are whole") {
  for (const size_t size : {1 << 20, 2 << 20, 8 << 20}) {
    std::string tar = file("f", "x");
    tar.resize(size, '\0');
    const scratch::Dir diff;
    CHECK(unpack(tar, diff.fd()).diff_id == sha256(tar));
    CHECK(diff.read("f") == "x");
  }
}

TEST_CASE("an error of the writer ends the load while the decompressor has much left to do") {
  const scratch::Dir diff;
  const std::string tar = file("../out", "x") + large_layer();
  const auto said = test::refusal([&] { unpack(test::gzip(tar, 1), diff.fd()); });
  CHECK(said.find("\"..\"") != std::string::npos);
}

TEST_CASE("an error of the decompressor ends the load, and its words are the ones told") {
  const scratch::Dir diff;
  const std::string packed = test::gzip(large_layer(), 1);
  const auto said = test::refusal([&] { unpack(packed.substr(0, packed.size() - 5), diff.fd()); });
  CHECK(said == "layer: the gzip data is cut off");
  CHECK(test::refusal([&] { unpack(packed.substr(0, packed.size() - 5), -1); }) == said);
}

TEST_CASE("case 12: a layer that is cut off is refused") {
  const scratch::Dir diff;
  const std::string tar = large_layer();
  CHECK(test::refusal([&] { unpack(tar.substr(0, tar.size() / 2), diff.fd()); }).find("cut off") !=
        std::string::npos);
}

TEST_CASE("case 53: a bomb is refused at the byte cap, long before its end") {
  const scratch::Dir diff;
  const std::string tar = file("bomb", std::string(64 << 20, '\0')) + tar_end();
  const auto said = test::refusal([&] { unpack(test::zstd(tar), diff.fd(), {.bytes = 1 << 20}); });
  CHECK(said.find("larger than") != std::string::npos);
}

TEST_CASE("what is no tar archive is refused") {
  const scratch::Dir diff;
  CHECK(test::refusal([&] {
          unpack(std::string(5000, 'x'), diff.fd());
        }).find("not a tar archive") != std::string::npos);
}

}  // namespace
}  // namespace minirun::image
