#include "image/load/load.h"

#include <fcntl.h>
#include <sys/file.h>

#include <thread>

#include "runner/base/error.h"
#include "tests/unit/catch.h"
#include "tests/unit/image_maker.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using Catch::Contains;
using namespace minirun;
using namespace minirun::test;
using image::Image;
using image::LoadOptions;
namespace fs = std::filesystem;

namespace {

const std::string small_layer = Tar().file("hello", "one").bytes();
const std::string other_layer = Tar().dir("etc/").file("etc/note.txt", "two").bytes();
const std::string large_layer =
    Tar().file("large", std::string(300'000, 'x')).bytes();  // unpacked as it streams by

LoadOptions for_amd64() {
  LoadOptions options;
  options.platform = image::parse_platform("linux/amd64");
  return options;
}

struct Bench {
  scratch::Dir dir;
  image::Store store{dir / "s"};

  std::vector<Image> load(const std::string& bytes, const LoadOptions& options = for_amd64()) {
    scratch::write_file(dir / "archive", bytes);
    return image::load(store, dir / "archive", options);
  }
  std::string layer_file(const Image& image, size_t layer, const std::string& name) const {
    return scratch::read_file(store.overlay_dir() + "/" + image.chain.at(layer).hex() + "/diff/" +
                              name);
  }
  size_t entries(const std::string& name) const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(dir / "s/" + name), fs::directory_iterator()));
  }
  void check_untouched() const {
    CHECK(entries("staging") == 0);
    CHECK(entries("images") == 0);
    CHECK(entries("overlay2") == 2);  // l and init
    CHECK(entries("archives") == 0);
  }
  /// Refused with these words, plain and compressed, and the store is as it was.
  void refuses(const std::string& tar, const std::string& words,
               const LoadOptions& options = for_amd64()) {
    INFO(words);
    CHECK_THROWS_WITH(load(tar, options), Contains(words));
    check_untouched();
    CHECK_THROWS_WITH(load(gzip(tar), options), Contains(words));
    check_untouched();
  }
};

std::string docker_with(const std::string& config,
                        const std::vector<std::pair<std::string, std::string>>& layers) {
  Tar tar;
  std::vector<std::string> members;
  tar.file("c.json", config);
  for (const auto& [name, bytes] : layers) {
    tar.file(name, bytes);
    members.push_back(json_string(name));
  }
  return tar
      .file("manifest.json",
            R"([{"Config":"c.json","RepoTags":["x:1"],"Layers":)" + array(members) + "}]")
      .bytes();
}

}  // namespace

TEST_CASE("real archives of docker, podman, skopeo and containerd load") {
  if (!test::is_root()) return;
  for (const char* name : {"hello-containerd16-export.tar", "hello-podman4-docker-archive.tar",
                           "hello-podman4-oci-archive.tar", "hello-skopeo-oci-zstd.tar",
                           "hello-world-docker20.tar.gz"}) {
    INFO(name);
    Bench bench;
    const auto images =
        image::load(bench.store, std::string("tests/fixtures/") + name, for_amd64());
    REQUIRE(images.size() == 1);
    CHECK(images[0].names.size() == 1);
    CHECK(images[0].config.cmd == std::vector<std::string>{"/hello"});
    CHECK(images[0].chain.size() == 2);
    CHECK(fs::file_size(bench.store.overlay_dir() + "/" + images[0].chain[0].hex() +
                        "/diff/hello") == 682696);
    CHECK(bench.entries("staging") == 0);
  }
  Bench bench;
  const auto busybox =
      image::load(bench.store, "tests/fixtures/busybox-docker20.tar.gz", for_amd64());
  CHECK(fs::hard_link_count(bench.store.overlay_dir() + "/" + busybox.at(0).chain.at(0).hex() +
                            "/diff/bin/busybox") > 200);
}

TEST_CASE("an image is the same from a plain archive, a compressed one, a pipe and a directory") {
  const std::string tar = docker_archive({{"x:1", {small_layer, large_layer, other_layer}}});
  const auto check = [&](Bench& bench, const std::vector<Image>& images) {
    REQUIRE(images.size() == 1);
    CHECK(images[0].names == std::vector<std::string>{"x:1"});
    CHECK(bench.layer_file(images[0], 0, "hello") == "one");
    CHECK(bench.layer_file(images[0], 1, "large").size() == 300'000);
    CHECK(bench.layer_file(images[0], 2, "etc/note.txt") == "two");
    CHECK(bench.entries("staging") == 0);
  };
  Bench plain;
  check(plain, plain.load(tar));
  Bench packed;
  check(packed, packed.load(gzip(tar)));

  Bench piped;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  std::thread writer([&] {
    static_cast<void>(!::write(ends[1], tar.data(), tar.size()));
    ::close(ends[1]);
  });
  const auto images =
      image::load(piped.store, "/proc/self/fd/" + std::to_string(ends[0]), for_amd64());
  writer.join();
  ::close(ends[0]);
  check(piped, images);

  Bench layout;
  Blobs blobs;
  blobs.set_index({blobs.add_manifest({small_layer, gzip(large_layer), other_layer}, "amd64")});
  CHECK_THROWS_AS(layout.load(blobs.tar()), ImageError);  // the diff id is of the plain tar
}

TEST_CASE("an OCI layout loads from a directory and from an archive with ./ before each name") {
  Blobs blobs;
  blobs.set_index({blobs.add_manifest({small_layer, large_layer}, "amd64",
                                      R"(,"annotations":{"io.containerd.image.name":"x:1"})")});
  Bench bench;
  for (const auto& [name, bytes] : blobs.members)
    scratch::write_file(bench.dir / "oci/" + name, bytes);
  const auto images = image::load(bench.store, bench.dir / "oci", for_amd64());
  CHECK(bench.layer_file(images.at(0), 0, "hello") == "one");
  for (const std::string& bytes : {blobs.tar("./"), gzip(blobs.tar("./"))}) {
    Bench other;
    CHECK(other.load(bytes).at(0).id == images[0].id);
  }
}

TEST_CASE("a blob's magic decides how it is packed, not its media type") {
  Blobs blobs;
  const std::string packed = gzip(small_layer);
  const std::string layer = blobs.add("application/vnd.oci.image.layer.v1.tar+zstd", packed);
  const std::string config =
      blobs.add("application/vnd.oci.image.config.v1+json", config_of({small_layer}));
  const std::string manifest =
      R"({"schemaVersion":2,"config":)" + config + R"(,"layers":[)" + layer + "]}";
  blobs.set_index({blobs.add("application/vnd.oci.image.manifest.v1+json", manifest)});
  Bench bench;
  CHECK(bench.layer_file(bench.load(blobs.tar()).at(0), 0, "hello") == "one");
}

TEST_CASE("what loading does is told in order, with reasons") {
  Bench bench;
  std::vector<std::string> ids;
  LoadOptions options = for_amd64();
  options.tell = [&](const image::LoadRecord& record) {
    ids.emplace_back(record.id);
    const std::string why(record.why);
    CHECK((why.size() > 30 && why.find("otherwise") == why.npos));
    CHECK(!record.see.empty());
    CHECK(!record.shell.empty());
    CHECK(!record.result.empty());
  };
  bench.load(docker_archive({{"x:1", {small_layer, other_layer}}}), options);
  CHECK(ids == std::vector<std::string>{"open-archive", "read-manifest", "read-config",
                                        "unpack-layer", "unpack-layer", "commit"});
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  CHECK(std::equal(ids.begin(), ids.end(), image::load_record_ids.begin(),
                   image::load_record_ids.end()));
}

TEST_CASE("the second load of a file does not read it") {
  Bench bench;
  scratch::write_file(bench.dir / "a.tar",
                      docker_archive({{"x:1", {small_layer}}, {"y:1", {other_layer}}}));
  std::this_thread::sleep_for(
      std::chrono::milliseconds(30));  // a file of this very moment is not remembered
  size_t records = 0;
  LoadOptions options = for_amd64();
  options.image_name = "x:1";
  options.tell = [&](const image::LoadRecord&) { ++records; };
  const auto load = [&] {
    records = 0;
    return image::load(bench.store, bench.dir / "a.tar", options);
  };
  const auto first = load();
  CHECK(records > 1);
  CHECK(load().at(0).id == first.at(0).id);
  CHECK(records == 1);
  options.image_name.clear();
  CHECK_THROWS_AS(load(), UsageError);
  options.image_name = "y:1";
  load();
  CHECK(records > 1);  // it was not in the store yet
  load();
  CHECK(records == 1);
  bench.store.remove("y:1");
  load();
  CHECK(records > 1);
  scratch::write_file(bench.dir / "a.tar", docker_archive({{"y:1", {small_layer}}}));
  load();
  CHECK(records > 1);
}

TEST_CASE("a warm start gives a name back that another archive took") {
  Bench bench;
  scratch::write_file(bench.dir / "a.tar", docker_archive({{"x:1", {small_layer}}}));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const auto first = image::load(bench.store, bench.dir / "a.tar", for_amd64());
  bench.load(docker_archive({{"x:1", {other_layer}}}));
  CHECK(bench.store.find("x:1")->id != first.at(0).id);
  CHECK(image::load(bench.store, bench.dir / "a.tar", for_amd64()).at(0).names ==
        std::vector<std::string>{"x:1"});
  CHECK(bench.store.find("x:1")->id == first.at(0).id);
}

TEST_CASE("several images: one is chosen by any form of its name or its id, else all are listed") {
  const DockerImage one("one:1", {small_layer});
  const DockerImage two("example.com/two:2", {small_layer, large_layer});
  const std::string tar = docker_archive({one, two});
  Bench none;
  for (const char* words : {"one:1", "example.com/two:2", "linux/amd64"}) none.refuses(tar, words);
  LoadOptions options = for_amd64();
  options.image_name = "three";
  none.refuses(tar, "no image 'three'", options);
  const std::vector<std::string> names = {"docker.io/library/one:1",
                                          image::sha256(one.config).hex().substr(0, 8)};
  for (const std::string& name : names) {
    Bench bench;
    options.image_name = name;
    CHECK(bench.load(gzip(tar), options).at(0).id == image::sha256(one.config));
    CHECK(bench.store.images().size() == 1);
  }
  Bench all;
  options = for_amd64();
  options.all = true;
  CHECK(all.load(gzip(tar), options).size() == 2);
  CHECK(all.store.images().size() == 2);
}

TEST_CASE("case 9: a wrong platform is said before anything is unpacked, and what it is made for") {
  const std::string tar = docker_archive({{"x:1", {large_layer}, "arm64"}});
  Bench bench;
  bench.refuses(tar, "made for linux/arm64; --platform asks for linux/amd64");
  LoadOptions host;
  const std::string foreign = image::host_platform().architecture == "s390x" ? "amd64" : "s390x";
  bench.refuses(docker_archive({{"x:1", {large_layer}, foreign}}),
                "this machine is " + image::host_platform().str(), host);
  size_t layers = 0;
  host.tell = [&](const image::LoadRecord& record) {
    layers += record.id == "unpack-layer" ? 1 : 0;
  };
  CHECK_THROWS_AS(bench.load(docker_archive({{"x:1", {large_layer}, foreign}}), host), ImageError);
  CHECK(layers == 0);
}

TEST_CASE(
    "of several platforms of one image the wanted one is taken, and the others may be broken") {
  Blobs blobs;
  const auto platform = [](const std::string& name) {
    return R"(,"platform":{"os":"linux","architecture":")" + name + R"("})";
  };
  const std::string arm = blobs.add_manifest({large_layer}, "arm64", platform("arm64"));
  const std::string amd = blobs.add_manifest({small_layer}, "amd64", platform("amd64"));
  blobs.set_index({arm, amd});
  blobs.members["blobs/sha256/" + image::sha256(large_layer).hex()][150] = 'z';
  for (const std::string& bytes : {blobs.tar(), gzip(blobs.tar())}) {
    Bench bench;
    CHECK(bench.load(bytes).at(0).config.platform.architecture == "amd64");
    LoadOptions options;
    options.platform = image::parse_platform("linux/arm64");
    CHECK_THROWS_AS(bench.load(bytes, options), ImageError);
    options.platform = image::parse_platform("linux/riscv64");
    CHECK_THROWS_WITH(bench.load(bytes, options), Contains("linux/arm64, linux/amd64"));
  }
}

TEST_CASE("case 1: a config or layer that is no regular member is refused") {
  Bench bench;
  const std::string config = config_of({small_layer});
  bench.refuses(
      Tar().dir("c.json").file("manifest.json", R"([{"Config":"c.json","Layers":[]}])").bytes(),
      "no regular file");
  bench.refuses(Tar()
                    .file("c.json", config)
                    .dir("l")
                    .file("manifest.json", R"([{"Config":"c.json","Layers":["l"]}])")
                    .bytes(),
                "no regular file");
  bench.refuses(Tar()
                    .file("c.json", config)
                    .file("manifest.json", R"([{"Config":"c.json","Layers":["gone"]}])")
                    .bytes(),
                "gone, which is not in the archive");
  bench.refuses(Tar().file("manifest.json", R"([{"Config":"c.json","Layers":[]}])").bytes(),
                "c.json, which is not in the archive");
}

TEST_CASE("case 2: a layer that is a symlink to another member loads") {
  const std::string manifest = R"([{"Config":"c.json","RepoTags":null,"Layers":["b/layer.tar"]}])";
  const std::string tar = Tar()
                              .file("c.json", config_of({large_layer}))
                              .symlink("b/layer.tar", "../a/layer.tar")
                              .file("a/layer.tar", large_layer)
                              .file("manifest.json", manifest)
                              .bytes();
  for (const std::string& bytes : {tar, gzip(tar)}) {
    Bench bench;
    CHECK(bench.layer_file(bench.load(bytes).at(0), 0, "large").size() == 300'000);
  }
}

TEST_CASE("case 4: a layer blob whose bytes or size are not its descriptor's is refused") {
  Blobs blobs;
  blobs.set_index({blobs.add_manifest({large_layer}, "amd64")});
  const std::string blob = "blobs/sha256/" + image::sha256(large_layer).hex();
  Blobs changed = blobs;
  changed.members[blob][600] = 'y';
  Bench bench;
  bench.refuses(changed.tar(), "expected " + image::sha256(large_layer).str());
  changed = blobs;
  changed.members[blob] += std::string(512, '\0');
  bench.refuses(changed.tar(), "its descriptor says");
}

TEST_CASE("case 5: a diff id that is wrong, swapped layers and a wrong count are refused") {
  Bench bench;
  bench.refuses(docker_with(config_of({other_layer}), {{"l", small_layer}}),
                "diff id of the layer: expected " + image::sha256(other_layer).str() + ", found " +
                    image::sha256(small_layer).str());
  bench.refuses(
      docker_with(config_of({other_layer, large_layer}), {{"a", large_layer}, {"b", other_layer}}),
      "diff id");
  bench.refuses(docker_with(config_of({small_layer, large_layer}), {{"a", small_layer}}),
                "has 2 layers, the manifest has 1");
  bench.refuses(docker_with(config_of({}), {{"a", small_layer}}),
                "has 0 layers, the manifest has 1");
}

TEST_CASE(
    "case 6: an image that claims another's layer with other bytes is refused, and the layer stays "
    "as it is") {
  Bench bench;
  const auto good = bench.load(docker_archive({{"good:1", {large_layer}}}));
  for (const bool packed : {false, true}) {
    const std::string evil = docker_with(
        config_of({large_layer}), {{"l", Tar().file("large", std::string(300'000, 'e')).bytes()}});
    CHECK_THROWS_WITH(bench.load(packed ? gzip(evil) : evil), Contains("diff id"));
    CHECK(bench.layer_file(good[0], 0, "large") == std::string(300'000, 'x'));
    CHECK(bench.store.images().size() == 1);
  }
}

TEST_CASE("case 13: zeros after the archive's end are read in passing") {
  const std::string tar = docker_archive({{"x:1", {small_layer}}}) + std::string(4 << 20, '\0');
  Bench bench;
  CHECK_NOTHROW(bench.load(tar));
  Bench packed;
  CHECK_NOTHROW(packed.load(gzip(tar)));
}

TEST_CASE(
    "case 15: layers of 0 bytes and of 1,024 zeros work, and the same one twice in one image") {
  const std::string zeros(1024, '\0');
  const std::string tar = docker_with(
      config_of({zeros, small_layer, zeros, "", large_layer, large_layer}), {{"a", zeros},
                                                                             {"b", small_layer},
                                                                             {"c", zeros},
                                                                             {"d", ""},
                                                                             {"e", large_layer},
                                                                             {"f", large_layer}});
  const std::string shared =
      docker_with(config_of({large_layer, large_layer}), {{"a", large_layer}, {"a", large_layer}});
  for (const bool packed : {false, true}) {
    Bench bench;
    const auto images = bench.load(packed ? gzip(tar) : tar);
    CHECK(images.at(0).chain.size() == 6);
    CHECK(bench.store.lower(images[0]).size() == 7);
    Bench twice;
    const auto both = twice.load(packed ? gzip(shared) : shared);
    CHECK(twice.layer_file(both.at(0), 1, "large").size() == 300'000);
  }
}

TEST_CASE("case 15: 127 layers work, and more than the kernel takes is a clear error") {
  const std::string zeros(1024, '\0');
  const auto with_layers = [&](size_t count) {
    std::vector<std::string> names(count, json_string("l"));
    return Tar()
        .file("c.json", config_of(std::vector<std::string>(count, zeros)))
        .file("l", zeros)
        .file("manifest.json", R"([{"Config":"c.json","Layers":)" + array(names) + "}]")
        .bytes();
  };
  Bench bench;
  CHECK(bench.load(with_layers(127)).at(0).chain.size() == 127);
  Bench many;
  many.refuses(with_layers(500), "an overlay mount takes 499");
}

TEST_CASE("case 53: more content than --max-size is refused") {
  Bench bench;
  LoadOptions options = for_amd64();
  options.max_size = 1000;
  CHECK_THROWS_AS(bench.load(docker_archive({{"x:1", {large_layer}}}), options), ImageError);
  bench.check_untouched();
  options.max_size = 400'000;
  const std::string second = Tar().file("other", std::string(300'000, 'y')).bytes();
  CHECK_THROWS_AS(bench.load(gzip(docker_archive({{"x:1", {large_layer, second}}})), options),
                  ImageError);
  bench.check_untouched();
}

TEST_CASE("case 9: an archive that is cut off anywhere is refused and leaves nothing") {
  Bench bench;
  const std::string tar = docker_archive({{"x:1", {small_layer, large_layer}}});
  const std::string packed = gzip(tar);
  for (size_t part = 1; part < 10; ++part) {
    INFO(part);
    CHECK_THROWS_AS(bench.load(tar.substr(0, (tar.size() - 1024) * part / 10)), ImageError);
    bench.check_untouched();
    CHECK_THROWS_AS(bench.load(packed.substr(0, packed.size() * part / 10)), ImageError);
    bench.check_untouched();
  }
}

TEST_CASE("an image without layers or a name loads, and its id finds it") {
  Bench bench;
  const auto images = bench.load(docker_archive({{"", {}}}));
  CHECK(images.at(0).names.empty());
  CHECK(bench.store.lower(images[0]) == std::vector<std::string>{"init/diff"});
  CHECK(bench.store.find(images[0].id.short_hex()));
}

TEST_CASE("progress grows to the archive's size") {
  Bench bench;
  uint64_t last = 0;
  uint64_t whole = 0;
  LoadOptions options = for_amd64();
  options.progress = [&](uint64_t done, uint64_t total) {
    CHECK(done >= last);
    last = done;
    whole = total;
  };
  const std::string packed = gzip(docker_archive({{"x:1", {large_layer}}}));
  bench.load(packed, options);
  CHECK(whole == packed.size());
  CHECK(last == packed.size());
}

TEST_CASE("a load is refused in the kernel's words where the file is missing") {
  Bench bench;
  CHECK_THROWS_AS(image::load(bench.store, bench.dir / "none", for_amd64()), SysError);
}
