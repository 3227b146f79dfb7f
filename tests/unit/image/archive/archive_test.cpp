#include "image/archive/archive.h"

#include <sys/stat.h>

#include "image/archive/no_image.h"
#include "image/load/staging.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/image_maker.h"
#include "tests/unit/scratch.h"

using Catch::Contains;
using namespace minirun;
using namespace minirun::test;
using image::Archive;
using image::EntryType;
using image::Members;

namespace {

image::TarEntry entry(const std::string& path, EntryType type = EntryType::file,
                      const std::string& target = "") {
  image::TarEntry made;
  made.path = path;
  made.type = type;
  made.target = target;
  return made;
}

/// A store with a staging area, and archives opened into it.
struct Bench {
  scratch::Dir dir;
  image::Store store{dir / "s"};
  image::Staging staging{store, 0};
  image::Progress progress{nullptr};

  std::unique_ptr<Archive> open(const std::string& bytes) {
    scratch::write_file(dir / "archive", bytes);
    return image::open_archive(dir / "archive", staging, progress);
  }
  /// The same archive as it can be sought in, and as it can't.
  std::vector<std::unique_ptr<Archive>> open_both(const std::string& tar) {
    std::vector<std::unique_ptr<Archive>> both;
    both.push_back(open(tar));
    scratch::write_file(dir / "archive.gz", gzip(tar));
    both.push_back(image::open_archive(dir / "archive.gz", staging, progress));
    return both;
  }
};

}  // namespace

TEST_CASE("members are found by their clean names, and nobody can ask for what leads out") {
  Members members;
  CHECK(members.add(entry("./a//b")) == "a/b");
  CHECK(members.add(entry("d/", EntryType::directory)) == "d");
  CHECK(!members.add(entry("../x")));
  CHECK(members.add(entry("/etc/passwd")) == "etc/passwd");
  CHECK(!members.add(entry("/../x")));
  CHECK(!members.add(entry("a/../../x")));
  CHECK(!members.add(entry("./", EntryType::directory)));
  CHECK(members.resolve("a/b") == "a/b");
  CHECK(!members.resolve("x"));
  CHECK_THROWS_WITH(members.resolve("d"), Contains("no regular file"));
}

TEST_CASE(
    "case 2: a symlink to another member works for one hop; a loop, a chain or outside is "
    "refused") {
  Members members;
  members.add(entry("one/layer.tar"));
  members.add(entry("two/layer.tar", EntryType::symlink, "../one/layer.tar"));
  members.add(entry("chain", EntryType::symlink, "two/layer.tar"));
  members.add(entry("loop", EntryType::symlink, "loop"));
  members.add(entry("up", EntryType::symlink, "../one/layer.tar"));
  members.add(entry("absolute", EntryType::symlink, "/etc/passwd"));
  members.add(entry("gone", EntryType::symlink, "three/layer.tar"));
  CHECK(members.resolve("two/layer.tar") == "one/layer.tar");
  for (const char* bad : {"chain", "loop", "up", "absolute", "gone"}) {
    INFO(bad);
    CHECK_THROWS_AS(members.resolve(bad), ImageError);
  }
}

TEST_CASE("a hard link to another member is that member; a loop or outside is refused") {
  Members members;
  members.add(entry("one/layer.tar"));
  members.add(entry("two/layer.tar", EntryType::hardlink, "one/layer.tar"));
  members.add(entry("three/layer.tar", EntryType::hardlink, "./two/layer.tar"));
  members.add(entry("four/layer.tar", EntryType::hardlink, "/three/layer.tar"));
  for (const char* good : {"two/layer.tar", "three/layer.tar", "four/layer.tar"}) {
    INFO(good);
    CHECK(members.resolve(good) == "one/layer.tar");
  }
  members.add(entry("self", EntryType::hardlink, "self"));
  members.add(entry("up", EntryType::hardlink, "../one/layer.tar"));
  members.add(entry("gone", EntryType::hardlink, "five/layer.tar"));
  for (const char* bad : {"self", "up", "gone"}) {
    INFO(bad);
    CHECK_THROWS_WITH(members.resolve(bad), Contains("is a hard link to"));
  }
}

TEST_CASE("members read the same whether the archive can be sought in or not") {
  Bench bench;
  const std::string large = "[" + std::string(100'000, ' ') + "]";
  const std::string layer = Tar().file("x", std::string(200'000, 'x')).bytes();
  const std::string tar = Tar()
                              .dir("d/")
                              .file("./small", "text")
                              .file("large.json", large)
                              .symlink("link", "small")
                              .file(std::string(90, 'n') + "/layer.tar", layer)
                              .file("empty", "")
                              .hardlink("/hard", "./small")
                              .hardlink("again/layer.tar", std::string(90, 'n') + "/layer.tar")
                              .bytes();
  for (const auto& archive : bench.open_both(tar)) {
    CHECK(archive->read({"small", {}, {}}) == "text");
    CHECK(archive->read({"link", {}, {}}) == "text");
    CHECK(archive->read({"empty", {}, {}}) == "");
    CHECK(archive->read({"large.json", {}, {}}) == large);
    CHECK(!archive->read({"none", {}, {}}));
    CHECK(archive->read({"hard", {}, {}}) == "text");
    CHECK(archive->names().size() == 8);
    const auto read = archive->read_layer(std::string(90, 'n') + "/layer.tar", true);
    CHECK(read.found.diff_id == image::sha256(layer));
    CHECK(archive->read_layer("again/layer.tar", true).found.diff_id == image::sha256(layer));
    CHECK_THROWS_WITH(archive->read_layer("none", true), Contains("not in the archive"));
  }
}

TEST_CASE("case 4: a document whose digest or size is not what was promised is refused") {
  Bench bench;
  const auto archive = bench.open(Tar().file("x", "text").bytes());
  const auto right = image::sha256("text");
  CHECK(archive->read({"x", right, 4}) == "text");
  CHECK_THROWS_WITH(archive->read({"x", right, 3}),
                    Contains("x has 4 bytes; its descriptor says 3"));
  CHECK_THROWS_WITH(
      archive->read({"x", image::sha256("other"), 4}),
      Contains(image::sha256("other").str()) && Contains(right.str()) && Contains("x: expected"));
}

TEST_CASE("case 15: a layer of a stream can be had twice, with all that is in it") {
  Bench bench;
  const std::string layer =
      Tar().dir("d/").file("d/f", std::string(70'000, 'x')).symlink("l", "d/f").bytes();
  scratch::write_file(bench.dir / "a.gz", gzip(Tar().file("layer.tar", layer).bytes()));
  const auto archive = image::open_archive(bench.dir / "a.gz", bench.staging, bench.progress);
  const auto first = archive->read_layer("layer.tar", true);
  const auto second = archive->read_layer("layer.tar", true);
  CHECK(first.dir != second.dir);
  CHECK(archive->read_layer("layer.tar", false).dir.empty());
  const std::string area = files::path_of(bench.staging.fd()) + "/";
  CHECK(scratch::read_file(area + first.dir + "/diff/d/f") ==
        scratch::read_file(area + second.dir + "/diff/d/f"));
  CHECK(std::filesystem::is_symlink(area + second.dir + "/diff/l"));
}

TEST_CASE("a broken layer of a stream is refused when somebody asks for it, not before") {
  Bench bench;
  const std::string good = Tar().file("x", std::string(100'000, 'x')).bytes();
  std::string bad = good;
  bad[150] = 'z';  // the first header's checksum
  const auto archive = bench.open(gzip(Tar().file("bad", bad).file("good", good).bytes()));
  CHECK(archive->read_layer("good", true).found.diff_id == image::sha256(good));
  CHECK_THROWS_AS(archive->read_layer("bad", true), ImageError);
}

TEST_CASE("case 9: what is no archive is refused in words that say what it is") {
  Bench bench;
  const auto refuses = [&](const std::string& bytes, const std::string& words) {
    CHECK_THROWS_WITH(bench.open(bytes), Contains(words));
  };
  refuses("", "is empty");
  refuses(gzip(""), "not an archive");
  refuses(
      "\x7f"
      "ELF and more",
      "an ELF program");
  refuses("hello\n", "it is text (\"hello\")");
  refuses("Cannot connect to the Docker daemon\r\nat x",
          "(\"Cannot connect to the Docker daemon\")");
  refuses(std::string(100, 'x'), "xxx...\")");
  refuses(std::string("\xef\xbb\xbfm\0", 5), "PowerShell");
  refuses(gzip("hello\n"), "gzip around text");
  refuses("#!/bin/sh\n", "a script");
  refuses("PK\x03\x04", "a zip archive");
  refuses(gzip(gzip(Tar().file("x", "y").bytes())), "gzip inside gzip");
  refuses(std::string("\x80\x01\x02", 3), "another kind");
  refuses(std::string("\xff\xfem\0", 4), "UTF-16");
  refuses("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer");
  refuses("\n <HTML><head>", "HTML page");
  refuses("a warning\nand more\n" + Tar().file("x", "y").bytes(),
          "\"a warning\") and then an archive");
  refuses("a warning\r\n" + gzip("x"), "and then an archive");
  const std::string packed = gzip(std::string(100, '\n') + Tar().file("x", "y").bytes(), 0);
  std::string changed;
  for (const char byte : packed)
    changed += byte == '\n' ? std::string("\r\n") : std::string(1, byte);
  refuses(changed, "each line end in it is CR LF");
}

TEST_CASE("case 9: an archive that is no image is refused in words that say what it seems to be") {
  Bench bench;
  const auto refuses = [&](const std::string& tar, const std::string& words) {
    for (const auto& archive : bench.open_both(tar))
      CHECK_THROWS_WITH(image::refuse_no_image(*archive), Contains(words));
  };
  refuses(Tar().file("bin/sh", "").dir("etc/").file("usr/bin/x", "").bytes(), "docker export");
  refuses(Tar().file("notes.txt", "x").bytes(), "neither manifest.json nor index.json");
  refuses(Tar().file("image/manifest.json", "[]").bytes(), "one directory too deep");
  refuses(Tar().bytes(), "without members");
  refuses(Tar().file("notes.txt", "x").file("d/image.tar.gz", "x").bytes(),
          "holds another archive, d/image.tar.gz");
  const auto directory = image::open_archive(bench.dir.path(), bench.staging, bench.progress);
  CHECK_THROWS_WITH(image::refuse_no_image(*directory), Contains("no OCI layout"));
}

TEST_CASE(
    "case 1: in a directory, a FIFO is refused without blocking and a symlink leads nowhere "
    "outside") {
  Bench bench;
  scratch::write_file(bench.dir / "secret", "host");
  scratch::write_file(bench.dir / "oci/inside", "inside");
  std::filesystem::create_symlink(bench.dir / "secret", bench.dir / "oci/absolute");
  std::filesystem::create_symlink("../secret", bench.dir / "oci/up");
  std::filesystem::create_symlink("..", bench.dir / "oci/above");
  std::filesystem::create_symlink("loop", bench.dir / "oci/loop");
  std::filesystem::create_symlink("inside", bench.dir / "oci/link");
  REQUIRE(::mkfifo((bench.dir / "oci/fifo").c_str(), 0600) == 0);
  const auto archive = image::open_archive(bench.dir / "oci", bench.staging, bench.progress);
  CHECK(archive->read({"link", {}, {}}) == "inside");
  CHECK_THROWS_WITH(archive->read({"absolute", {}, {}}), Contains("is a symlink"));
  CHECK_THROWS_WITH(archive->read({"up", {}, {}}), Contains("is a symlink"));
  CHECK_THROWS_WITH(archive->read({"above/secret", {}, {}}), Contains("above is a symlink"));
  CHECK_THROWS_WITH(archive->read({"loop", {}, {}}), Contains("is a symlink"));
  CHECK(!archive->read({"inside/x", {}, {}}));
  CHECK_THROWS_WITH(archive->read({"fifo", {}, {}}), Contains("not a regular file"));
}

TEST_CASE("a document that is too long is refused in both kinds of archive") {
  Bench bench;
  for (const auto& archive :
       bench.open_both(Tar().file("x", "{" + std::string(5 << 20, ' ') + "}").bytes())) {
    CHECK_THROWS_AS(archive->read({"x", {}, {}}), ImageError);
  }
}
