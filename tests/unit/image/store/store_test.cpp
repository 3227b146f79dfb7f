#include "image/store/store.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/image_maker.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using Catch::Contains;
using namespace minirun;
using namespace minirun::test;
using image::ArchiveImage;
using image::Digest;
using image::FileKey;
using image::StagedLayer;
using image::Store;
namespace fs = std::filesystem;

namespace {

/// Stages a layer with one file and commits it.
Digest add_layer(Store& store, const std::string& content,
                 const std::optional<Digest>& parent = {}) {
  const auto staging = store.stage();
  const std::string area = files::path_of(staging.get());
  scratch::write_file(area + "/0/diff/file", content);
  const Digest diff_id = image::sha256(content);
  StagedLayer layer{"0", diff_id, {}};
  layer.stats.bytes = content.size();
  const Digest chain = image::chain_id(parent, diff_id);
  store.commit_layer(staging.get(), layer, parent, chain);
  fs::remove_all(area);
  return chain;
}

/// An image of these layers, whose "tars" are just texts.
Digest add_image(Store& store, const std::vector<std::string>& layers,
                 const std::vector<std::string>& names) {
  std::vector<Digest> chain;
  for (const std::string& layer : layers) {
    chain.push_back(
        add_layer(store, layer, chain.empty() ? std::nullopt : std::optional(chain.back())));
  }
  const std::string config = config_of(layers);
  store.commit_image(image::sha256(config), config, "{}", chain, names);
  return image::sha256(config);
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// Commits a layer of empty files and, where the name begins with '!', whiteouts.
Digest add_layer_of(Store& store, const std::vector<std::string>& names,
                    const std::vector<std::string>& whiteout_dirs,
                    const std::optional<Digest>& parent = {}) {
  const auto staging = store.stage();
  const std::string diff = files::path_of(staging.get()) + "/0/diff/";
  fs::create_directories(diff);
  std::string all;
  for (const std::string& name : names) {
    all += name + "\n";
    if (name[0] != '!') {
      scratch::write_file(diff + name, "");
      continue;
    }
    const std::string path = diff + name.substr(1);
    fs::create_directories(fs::path(path).parent_path());
    REQUIRE(::mknod(path.c_str(), S_IFCHR, 0) == 0);
  }
  StagedLayer layer{"0", image::sha256(all), {}};
  layer.stats.whiteout_dirs = whiteout_dirs;
  const Digest chain = image::chain_id(parent, layer.diff_id);
  store.commit_layer(staging.get(), layer, parent, chain);
  return chain;
}

size_t count(const std::string& dir) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a whiteout stays only where its directory is one of the layers below too") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest low = add_layer_of(store, {"d/sub/f", "file", "gone/f", "link/f"}, {});
  const Digest middle = add_layer_of(store, {"!gone", "new/f"}, {""}, low);
  const Digest top = add_layer_of(
      store,
      {"!top", "!d/sub/x", "!d/nothing", "!e/x", "e/f", "!file/x", "!gone/x", "!new/x", "!etc/x"},
      {"", "d", "d/sub", "e", "etc", "file", "gone", "new"}, middle);
  const std::string diff = store.overlay_dir() + "/" + top.hex() + "/diff/";
  // The last because of the store's own directories of mount points.
  for (const char* kept : {"top", "d/sub/x", "d/nothing", "new/x", "etc/x", "e/f"}) {
    CAPTURE(kept);
    CHECK(mode_of(diff + kept) != 07777);
  }
  for (const char* ghost : {"e/x", "file/x", "gone/x"}) {
    CAPTURE(ghost);
    CHECK_FALSE(fs::exists(fs::symlink_status(diff + ghost)));
  }
}

TEST_CASE("a whiteout in a directory that is a symlink below is dropped, and times stay") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const auto staging = store.stage();
  const std::string area = files::path_of(staging.get());
  scratch::write_file(area + "/0/diff/real/f", "");
  fs::create_directory_symlink("real", area + "/0/diff/link");
  const Digest low = image::sha256("low");
  store.commit_layer(staging.get(), {"0", low, {}}, {}, low);

  REQUIRE(fs::create_directories(area + "/1/diff/link"));
  REQUIRE(::mknod((area + "/1/diff/link/x").c_str(), S_IFCHR, 0) == 0);
  const std::array<timespec, 2> times = {timespec{5, 6}, timespec{7, 8}};
  REQUIRE(::utimensat(AT_FDCWD, (area + "/1/diff/link").c_str(), times.data(), 0) == 0);
  StagedLayer layer{"1", image::sha256("top"), {}};
  layer.stats.whiteout_dirs = {"link"};
  const Digest top = image::chain_id(low, layer.diff_id);
  store.commit_layer(staging.get(), layer, low, top);
  const std::string made = store.overlay_dir() + "/" + top.hex() + "/diff/link";
  CHECK(count(made) == 0);
  struct stat status {};
  REQUIRE(::stat(made.c_str(), &status) == 0);
  CHECK(status.st_mtim.tv_sec == 7);
  CHECK(status.st_mtim.tv_nsec == 8);
}

TEST_CASE("case 96: what a new store holds is for its owner only") {
  const scratch::Dir dir;
  const Store store(dir / "deep/store");
  for (const char* name : {"", "/overlay2", "/overlay2/l", "/images", "/archives", "/staging",
                           "/containers", "/kept", "/names", "/volumes", "/overlay2/init"}) {
    INFO(name);
    CHECK(mode_of(store.root() + name) == 0700);
  }
  const std::string init = store.overlay_dir() + "/init/diff";
  for (const char* name : {"", "/proc", "/sys", "/dev", "/etc"})
    CHECK(mode_of(init + name) == 0755);
  for (const char* name : {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"})
    CHECK(mode_of(init + name) == 0644);
  CHECK(std::filesystem::read_symlink(init + "/etc/mtab") == "/proc/mounts");
  // A store of an older minirun gets what was added since.
  std::filesystem::remove(init + "/etc/mtab");
  std::filesystem::remove(store.root() + "/kept");
  const Store again(store.root());
  CHECK(std::filesystem::read_symlink(init + "/etc/mtab") == "/proc/mounts");
}

TEST_CASE("a store may be opened again and by several at once") {
  const scratch::Dir dir;
  const Store first(dir / "s");
  const Store second(dir / "s");
  CHECK(count(dir / "s/staging") == 0);
}

TEST_CASE("a committed layer has what overlay2's has") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest low = add_layer(store, "low");
  const Digest high = add_layer(store, "high", low);
  const Digest top = add_layer(store, "top", high);
  const std::string at = store.overlay_dir() + "/" + top.hex();
  CHECK(scratch::read_file(at + "/diff/file") == "top");
  CHECK(scratch::read_file(at + "/link") == short_name(top));
  CHECK(scratch::read_file(at + "/lower") == "l/" + short_name(high) + ":l/" + short_name(low));
  CHECK(!fs::exists(store.overlay_dir() + "/" + low.hex() + "/lower"));
  CHECK(scratch::read_file(store.overlay_dir() + "/l/" + short_name(top) + "/file") == "top");
  CHECK(fs::read_symlink(store.overlay_dir() + "/l/" + short_name(top)) ==
        "../" + top.hex() + "/diff");
  CHECK(store.layer_size(top) == 3);
  CHECK(store.has_layer(top));
  CHECK(!store.has_layer(image::sha256("none")));
}

TEST_CASE("a short name is the first 130 bits in base 32") {
  Digest zero;
  CHECK(image::short_name(zero) == std::string(26, 'A'));
  zero.bytes.fill(0xff);
  CHECK(image::short_name(zero) == std::string(26, '7'));
  Digest counted;
  for (size_t i = 0; i < 32; ++i) counted.bytes[i] = static_cast<uint8_t>(i);
  CHECK(image::short_name(counted) == "AAAQEAYEAUDAOCAJBIFQYDIOB4");
}

TEST_CASE(
    "a layer that says nothing of its root has its parent's mode; one that does keeps its own") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const auto add = [&](const std::string& name, mode_t mode, bool has_root,
                       const std::optional<Digest>& parent) {
    const auto staging = store.stage();
    scratch::write_file(files::path_of(staging.get()) + "/0/diff/file", name);
    REQUIRE(::chmod((files::path_of(staging.get()) + "/0/diff").c_str(), mode) == 0);
    StagedLayer layer{"0", image::sha256(name), {}};
    layer.stats.has_root_entry = has_root;
    const Digest chain = image::chain_id(parent, layer.diff_id);
    store.commit_layer(staging.get(), layer, parent, chain);
    return mode_of(store.overlay_dir() + "/" + chain.hex() + "/diff");
  };
  const Digest low = image::sha256("low");
  CHECK(add("low", 0711, true, {}) == 0711);
  CHECK(add("mid", 0755, false, low) == 0711);
  CHECK(add("top", 0750, true, low) == 0750);
}

TEST_CASE("case 45: below a layer whose root is opaque there is nothing") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest low = add_layer(store, "low");
  const auto staging = store.stage();
  const std::string diff = files::path_of(staging.get()) + "/0/diff";
  fs::create_directories(diff);
  REQUIRE(::setxattr(diff.c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
  const Digest top = image::chain_id(low, image::sha256("top"));
  store.commit_layer(staging.get(), {"0", image::sha256("top"), {}}, low, top);
  const image::Image image{{}, {}, {low, top}, {}, true};
  CHECK(store.lower(image) == std::vector<std::string>{"l/" + short_name(top), "init/diff"});
}

TEST_CASE("a layer that is there already is kept, and the new one left in the staging area") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest chain = add_layer(store, "same");
  const auto before = fs::last_write_time(store.overlay_dir() + "/" + chain.hex() + "/diff/file");
  CHECK(add_layer(store, "same") == chain);
  CHECK(fs::last_write_time(store.overlay_dir() + "/" + chain.hex() + "/diff/file") == before);
}

TEST_CASE(
    "case 95: a layer of another boot that was not flushed counts as absent and is replaced") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a", "b"}, {"x:1"});
  const Digest chain = store.find(id)->chain.at(0);
  const std::string at = store.overlay_dir() + "/" + chain.hex();
  CHECK(!store.find(id)->durable);
  scratch::write_file(at + "/boot-id", "another boot\n");
  scratch::write_file(at + "/diff/file", "");
  CHECK(!store.has_layer(chain));
  CHECK(!store.find(id));
  add_layer(store, "a");
  CHECK(store.has_layer(chain));
  CHECK(scratch::read_file(at + "/diff/file") == "a");
  CHECK(store.find(id));
}

TEST_CASE("case 95: a flushed layer is trusted after a reboot") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a", "b"}, {});
  store.make_durable(store.find(id)->chain);
  const std::vector<Digest> layers = store.find(id)->chain;
  for (const Digest& chain : layers)
    scratch::write_file(store.overlay_dir() + "/" + chain.hex() + "/boot-id", "another boot\n");
  REQUIRE(store.find(id));
  CHECK(store.find(id)->durable);
}

TEST_CASE(
    "case 95: an image whose config has become empty counts as absent and can be committed again") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a"}, {"x:1"});
  scratch::write_file(store.root() + "/images/" + id.hex() + "/config.json", "");
  CHECK(!store.find(id));
  CHECK(store.images().empty());
  CHECK(add_image(store, {"a"}, {"x:1"}) == id);
  CHECK(store.find("x:1"));
}

TEST_CASE("an image is found by any form of its name and by the start of its id") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a", "b"}, {"hello:latest", "example.com/x:2"});
  for (const std::string& name :
       {std::string("hello"), std::string("docker.io/library/hello:latest"),
        std::string("example.com/x:2"), id.hex().substr(0, 12), id.str()}) {
    INFO(name);
    REQUIRE(store.find(name));
    CHECK(store.find(name)->id == id);
  }
  CHECK(!store.find("hello:2"));
  CHECK(!store.find("0000000000"));
  CHECK(!store.find("../images"));
  const auto image = *store.find(id);
  CHECK(image.names == std::vector<std::string>{"hello:latest", "example.com/x:2"});
  CHECK(store.lower(image) == std::vector<std::string>{"l/" + short_name(image.chain[1]),
                                                       "l/" + short_name(image.chain[0]),
                                                       "init/diff"});
  CHECK(store.config_text(id) == config_of({"a", "b"}));
  CHECK(store.manifest_text(id) == "{}");
}

TEST_CASE("a name moves to the image that was loaded last") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest old = add_image(store, {"a"}, {"x:1", "y:1"});
  const Digest now = add_image(store, {"b"}, {"x:1"});
  CHECK(store.find("x:1")->id == now);
  CHECK(store.find(old)->names == std::vector<std::string>{"y:1"});
  add_image(store, {"b"}, {"z:1"});
  CHECK(store.find(now)->names == std::vector<std::string>{"x:1", "z:1"});
  store.add_names(old, {"x:1"});
  CHECK(store.find("x:1")->id == old);
}

TEST_CASE(
    "removing by name takes the name, and with the last one the image and the layers that only it "
    "has") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"shared", "own"}, {"x:1", "y:1"});
  const Digest other = add_image(store, {"shared", "other"}, {"z:1"});
  const auto chain = store.find(id)->chain;
  store.remove("x:1");
  CHECK(store.find(id)->names == std::vector<std::string>{"y:1"});
  store.remove("y:1");
  CHECK(!store.find(id));
  CHECK(store.has_layer(chain[0]));
  CHECK(!store.has_layer(chain[1]));
  CHECK(!fs::is_symlink(store.overlay_dir() + "/l/" + short_name(chain[1])));
  CHECK(store.find(other));
  CHECK(count(store.root() + "/staging") == 0);
  CHECK_THROWS_AS(store.remove("y:1"), UsageError);
}

TEST_CASE("removing by id takes all names at once") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a"}, {"x:1", "y:1"});
  store.remove(id.short_hex());
  CHECK(store.images().empty());
  CHECK(count(store.overlay_dir()) == 2);  // l and init
}

TEST_CASE("an image that a container uses is not removed, and the container is named") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a"}, {"x:1"});
  scratch::write_file(store.root() + "/containers/c0ffee/image", id.str() + "\n");
  CHECK_THROWS_WITH(store.remove("x:1"), Contains("c0ffee"));
  CHECK(store.find("x:1"));
  fs::remove_all(store.root() + "/containers/c0ffee");
  store.remove("x:1");
}

TEST_CASE("a layer that a container's lower names stays") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a"}, {"x:1"});
  const Digest chain = store.find(id)->chain[0];
  scratch::write_file(store.root() + "/containers/c0ffee/lower",
                      "l/" + short_name(chain) + ":init/diff");
  store.remove("x:1");
  CHECK(store.has_layer(chain));
}

TEST_CASE("layers that a killed loader left are removed with the next image") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest orphan = add_layer(store, "orphan");
  add_image(store, {"a"}, {"x:1"});
  store.remove("x:1");
  CHECK(!store.has_layer(orphan));
}

TEST_CASE("case 92: a staging area without a living owner is swept, one with an owner stays") {
  const scratch::Dir dir;
  Store store(dir / "s");
  scratch::write_file(dir / "s/staging/dead/0/diff/file", "x");
  const auto alive = store.stage();
  store.sweep();
  CHECK(count(dir / "s/staging") == 1);
  CHECK(fs::exists(files::path_of(alive.get())));
}

TEST_CASE("an archive is remembered under the stat of its file, and only the newest of a file") {
  const scratch::Dir dir;
  Store store(dir / "s");
  const Digest id = add_image(store, {"a"}, {"x:1"});
  const FileKey key{1, 2, 3, 4, 5};
  CHECK(key.str() == "1-2-3-4-5");
  CHECK(!store.archive(key));
  store.remember_archive(key, {{id, {"linux", "arm64", "v8"}, {"x:1", "y:1"}},
                               {image::sha256("other"), {"linux", "amd64", ""}, {}}});
  const auto found = store.archive(key);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].id == id);
  CHECK((*found)[0].platform == image::Platform{"linux", "arm64", "v8"});
  CHECK((*found)[0].names == std::vector<std::string>{"x:1", "y:1"});
  CHECK((*found)[1].names.empty());

  const FileKey newer{1, 2, 3, 4, 6};
  store.remember_archive(newer, {{id, {"linux", "amd64", ""}, {}}});
  CHECK(!store.archive(key));
  const FileKey another{1, 7, 3, 4, 6};
  store.remember_archive(another, {{image::sha256("gone"), {"linux", "amd64", ""}, {}}});
  CHECK(store.archive(newer));
  store.remember_archive({1, 8, 0, 0, 0}, {{id, {}, {}}});
  CHECK(!store.archive(another));  // none of its images is in the store
}

TEST_CASE("a damaged record of an archive is as none") {
  const scratch::Dir dir;
  const Store store(dir / "s");
  const FileKey key{1, 2, 3, 4, 5};
  for (const char* record : {"", "\n", "garbage\n", "00\tlinux\tamd64\t\n"}) {
    scratch::write_file(store.root() + "/archives/" + key.str(), record);
    CHECK(!store.archive(key));
  }
}
