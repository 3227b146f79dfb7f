#include "mount/volume.h"

#include <sys/stat.h>

#include "runner/base/copy_tree.h"
#include "tests/unit/scratch.h"

namespace minirun::mount {
namespace {

using scratch::exists;
using scratch::lstat_of;
using scratch::read_file;
using scratch::write_file;

UniqueFd open_dir(const std::string& path) {
  return files::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
}

TEST_CASE("case 74: a volume name is what Docker takes, and never a path") {
  for (const char* good : {"a", "9", "data", "a.b_c-d", "A..", "x"}) CHECK(is_volume_name(good));
  for (const char* bad :
       {"", ".", "..", "../../etc", "a/b", "/etc", "-a", "_a", ".a", "a b", "a\n", "\xc3\xa4"}) {
    CHECK_FALSE(is_volume_name(bad));
  }
  CHECK(is_volume_name(std::string(255, 'a')));
  CHECK_FALSE(is_volume_name(std::string(256, 'a')));
  CHECK_FALSE(is_volume_name(std::string_view("a\0b", 3)));
}

TEST_CASE("case 74: a bad volume name touches nothing, not even through undo") {
  const scratch::Dir dir;
  write_file(dir / "precious/f", "");
  REQUIRE(::mkdir((dir / "volumes").c_str(), 0700) == 0);
  Live live;
  for (const char* name : {"../precious", ".", "", "a/b"}) {
    const MakeVolume op{dir / "volumes", name, true};
    CHECK_THROWS_AS(op.apply(live), UsageError);
    op.undo(live);
    CHECK_THROWS_AS((FillVolume{"/m", "/x", dir / "volumes", name}.apply(live)), UsageError);
  }
  CHECK(exists(dir / "precious/f"));
  CHECK(std::filesystem::is_empty(dir / "volumes"));
}

TEST_CASE("a volume is made once and kept; an anonymous one goes with its container") {
  const scratch::Dir dir;
  Live live;
  const MakeVolume named{dir / "volumes", "data", false};
  named.apply(live);
  CHECK((lstat_of(dir / "volumes/data/_data").st_mode & 07777) == 0755);
  CHECK((lstat_of(dir / "volumes/data").st_mode & 07777) == 0700);
  write_file(dir / "volumes/data/_data/f", "kept");
  named.apply(live);
  named.undo(live);
  CHECK(read_file(dir / "volumes/data/_data/f") == "kept");
  CHECK(named.undo_shell().empty());

  const MakeVolume anonymous{dir / "volumes", "0123", true};
  anonymous.apply(live);
  CHECK(exists(dir / "volumes/0123/anonymous"));
  write_file(dir / "volumes/0123/_data/f", "");
  anonymous.undo(live);
  CHECK_FALSE(exists(dir / "volumes/0123"));
  anonymous.undo(live);
}

TEST_CASE("case 74: a volume that was replaced by a symlink is refused") {
  const scratch::Dir dir;
  write_file(dir / "outside/f", "kept");
  REQUIRE(::mkdir((dir / "volumes").c_str(), 0700) == 0);
  REQUIRE(::symlink("../outside", (dir / "volumes/a").c_str()) == 0);
  REQUIRE(::mkdir((dir / "volumes/b").c_str(), 0700) == 0);
  REQUIRE(::symlink("../../outside", (dir / "volumes/b/_data").c_str()) == 0);
  Live live;
  CHECK_THROWS_AS((MakeVolume{dir / "volumes", "a"}.apply(live)), SysError);
  CHECK_THROWS_AS((FillVolume{"/m", "/x", dir / "volumes", "b"}.apply(live)), SysError);
  MakeVolume{dir / "volumes", "a", true}.undo(live);
  CHECK_FALSE(exists(dir / "volumes/a"));
  CHECK(read_file(dir / "outside/f") == "kept");
}

TEST_CASE("the shell forms of volumes") {
  const MakeVolume op{"/v", "n", true};
  CHECK(op.shell() ==
        "[ -d /v ] || mkdir -m 700 /v\n[ -d /v/n ] || mkdir -m 700 /v/n\n: > /v/n/anonymous\n"
        "[ -d /v/n/_data ] || mkdir -m 755 /v/n/_data");
  CHECK(op.undo_shell() == "rm -rf --one-file-system /v/n");
  CHECK(FillVolume{"/m", "/srv", "/v", "n"}.shell() ==
        "inside /m /srv\nif [ -d \"$at\" ] && [ -z \"$(ls -A /v/n/_data)\" ]; then\n"
        "  cp -a --one-file-system \"$at/.\" /v/n/_data\n"
        "  find /v/n/_data '(' -type b -o -type c ')' -delete  # no device of the host\nfi");
}

TEST_CASE("a copied tree has the same content, modes, times, links and holes") {
  const scratch::Dir dir;
  write_file(dir / "from/d/e/f", "text");
  write_file(dir / "from/d/big", "start");
  REQUIRE(::truncate((dir / "from/d/big").c_str(), 64 << 20) == 0);
  REQUIRE(::link((dir / "from/d/e/f").c_str(), (dir / "from/z").c_str()) == 0);
  REQUIRE(::symlink("/no/where", (dir / "from/s").c_str()) == 0);
  REQUIRE(::mkfifo((dir / "from/fifo").c_str(), 0640) == 0);
  REQUIRE(::chmod((dir / "from/d/e/f").c_str(), 0604) == 0);
  REQUIRE(::chmod((dir / "from/d/e").c_str(), 01711) == 0);
  const timespec then[2] = {{1'000'000, 5}, {2'000'000, 123'456'789}};
  for (const char* name : {"from/d/e/f", "from/d/e", "from/d", "from/s", "from"}) {
    REQUIRE(::utimensat(AT_FDCWD, (dir / name).c_str(), then, AT_SYMLINK_NOFOLLOW) == 0);
  }
  REQUIRE(::mkdir((dir / "to").c_str(), 0700) == 0);
  CHECK(files::copy_tree(open_dir(dir / "from").get(), open_dir(dir / "to").get()).empty());

  CHECK(read_file(dir / "to/d/e/f") == "text");
  CHECK(lstat_of(dir / "to/d/big").st_size == 64 << 20);
  CHECK(lstat_of(dir / "to/d/big").st_blocks < 2048);
  CHECK(read_file(dir / "to/d/big").substr(0, 6) == std::string("start\0", 6));
  CHECK(lstat_of(dir / "to/z").st_ino == lstat_of(dir / "to/d/e/f").st_ino);
  CHECK(std::filesystem::read_symlink(dir / "to/s") == "/no/where");
  for (const char* name : {"", "/d", "/d/e", "/d/e/f", "/d/big", "/s", "/fifo", "/z"}) {
    INFO(name);
    const auto from = lstat_of((dir / "from") + name);
    const auto to = lstat_of((dir / "to") + name);
    CHECK(from.st_mode == to.st_mode);
    CHECK(from.st_mtim.tv_sec == to.st_mtim.tv_sec);
    CHECK(from.st_mtim.tv_nsec == to.st_mtim.tv_nsec);
  }
}

TEST_CASE("a tree 1,500 deep is copied") {
  const scratch::Dir dir("/dev/shm");
  std::string path = dir / "from";
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  for (int i = 0; i < 1500; ++i) {
    path += "/d";
    REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  }
  write_file(path + "/f", "deep");
  REQUIRE(::mkdir((dir / "to").c_str(), 0700) == 0);
  CHECK(files::copy_tree(open_dir(dir / "from").get(), open_dir(dir / "to").get()).empty());
  CHECK(read_file((dir / "to") + path.substr((dir / "from").size()) + "/f") == "deep");
}

}  // namespace
}  // namespace minirun::mount
