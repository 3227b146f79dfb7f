#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "runner/base/locked_dir.h"
#include "tests/unit/scratch.h"

namespace minirun {
namespace {

using scratch::exists;
using scratch::is_root;
using scratch::lstat_of;
using scratch::read_file;
using scratch::write_file;

UniqueFd open_dir(const std::string& path) {
  return files::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
}

/// A directory `depth` deep below `top`, made through descriptors: its path is too long for a call.
void make_deep(const std::string& top, int depth) {
  UniqueFd dir = open_dir(top);
  for (int i = 0; i < depth; ++i) {
    REQUIRE(::mkdirat(dir.get(), "d", 0700) == 0);
    dir = files::open_at(dir.get(), "d", O_RDONLY | O_DIRECTORY);
  }
  const UniqueFd file = files::open_at(dir.get(), "f", O_WRONLY | O_CREAT, 0600);
}

std::string target_of(const UniqueFd& fd) { return files::path_of(fd.get()); }

void set_flags(const std::string& path, int flags) {
  const UniqueFd fd = files::open_at(AT_FDCWD, path, O_RDONLY);
  check(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags), "chattr ", path);
}

TEST_CASE("case 97: a tree 5,000 deep is removed with few descriptors") {
  const scratch::Dir dir("/dev/shm");
  REQUIRE(::mkdir((dir / "t").c_str(), 0700) == 0);
  make_deep(dir / "t", 5000);
  files::remove_tree(open_dir(dir.path()).get(), "t");
  CHECK_FALSE(exists(dir / "t"));
}

TEST_CASE("a stranger's directory by the name that a deep one would get is no obstacle") {
  const scratch::Dir dir;
  for (const char* name : {".deep-0", ".deep-1"}) write_file(dir / "t/" + name + "/x/y", "");
  make_deep(dir / "t", 200);
  files::remove_tree(open_dir(dir.path()).get(), "t");
  CHECK_FALSE(exists(dir / "t"));
}

TEST_CASE("removal does not take an old errno for a failure, and what is gone is gone") {
  const scratch::Dir dir;
  write_file(dir / "t/a", "");
  errno = EACCES;
  files::remove_tree(open_dir(dir.path()).get(), "t");
  CHECK_FALSE(exists(dir / "t"));
  files::remove_tree(open_dir(dir.path()).get(), "t");
}

TEST_CASE("removal removes a symlink and not what it points to") {
  const scratch::Dir dir;
  write_file(dir / "kept/f", "kept");
  REQUIRE(::mkdir((dir / "t").c_str(), 0700) == 0);
  REQUIRE(::symlink((dir / "kept").c_str(), (dir / "t/l").c_str()) == 0);
  REQUIRE(::symlink((dir / "kept").c_str(), (dir / "s").c_str()) == 0);
  files::remove_tree(open_dir(dir.path()).get(), "t");
  files::remove_tree(open_dir(dir.path()).get(), "s");
  CHECK_FALSE(exists(dir / "t"));
  CHECK_FALSE(exists(dir / "s"));
  CHECK(read_file(dir / "kept/f") == "kept");
}

TEST_CASE("case 97: a tree of mode 000, with FIFOs, is removed [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  write_file(dir / "t/a/b/f", "");
  REQUIRE(::mkfifo((dir / "t/a/fifo").c_str(), 0) == 0);
  for (const char* name : {"t/a/b/f", "t/a/b", "t/a", "t"}) {
    REQUIRE(::chmod((dir / name).c_str(), 0) == 0);
  }
  files::remove_tree(open_dir(dir.path()).get(), "t");
  CHECK_FALSE(exists(dir / "t"));
}

TEST_CASE("case 97: immutable and append-only files and directories are removed [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  write_file(dir / "t/d/f", "");
  write_file(dir / "t/d/g", "");
  for (const char* name : {"t/d/f", "t/d"}) set_flags(dir / name, FS_IMMUTABLE_FL);
  set_flags(dir / "t", FS_APPEND_FL);
  files::remove_tree(open_dir(dir.path()).get(), "t");
  CHECK_FALSE(exists(dir / "t"));
}

TEST_CASE("case 91: removal enters no mount, removes the rest, and says what is left [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  scratch::in_mount_namespace(dir.path(), [&] {
    write_file(dir / "source/precious", "precious");
    write_file(dir / "t/a/f", "");
    write_file(dir / "t/z", "");
    std::filesystem::create_directories(dir / "t/m/point");
    check(::mount((dir / "source").c_str(), (dir / "t/m/point").c_str(), nullptr, MS_BIND, nullptr),
          "bind");
    CHECK_THROWS_WITH(files::remove_tree(open_dir(dir.path()).get(), "t"),
                      Catch::Contains("t/m/point: something is mounted on it"));
    try {
      files::remove_tree(open_dir(dir.path()).get(), "t");
    } catch (const Error& error) {
      CHECK(error.hint() == cat("umount -R ", dir / "t/m/point", ", and then minirun gc"));
    }
    CHECK(read_file(dir / "source/precious") == "precious");
    CHECK_FALSE(exists(dir / "t/a"));
    CHECK_FALSE(exists(dir / "t/z"));
    CHECK_THROWS(files::remove_tree(open_dir(dir / "t/m").get(), "point"));
    CHECK(read_file(dir / "source/precious") == "precious");
  });
}

TEST_CASE("a directory in a root is made through absolute symlinks, inside it") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root/run");
  std::filesystem::create_directories(dir / "root/var");
  REQUIRE(::symlink("/run", (dir / "root/var/run").c_str()) == 0);
  const UniqueFd root = open_dir(dir / "root");
  CHECK(target_of(files::make_dir_in_root(root.get(), "/var/run/y/z")) == dir / "root/run/y/z");
  CHECK((lstat_of(dir / "root/run/y").st_mode & 07777) == 0755);
}

TEST_CASE("case 73: a dangling symlink in a root is followed and what it names is made inside") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root/etc");
  REQUIRE(::symlink("/no/such//place/", (dir / "root/link").c_str()) == 0);
  REQUIRE(::symlink("../../../up", (dir / "root/etc/up").c_str()) == 0);
  const UniqueFd root = open_dir(dir / "root");
  CHECK(target_of(files::make_dir_in_root(root.get(), "/link/x")) == dir / "root/no/such/place/x");
  CHECK(target_of(files::make_dir_in_root(root.get(), "/etc/up")) == dir / "root/up");
  CHECK(target_of(files::make_file_in_root(root.get(), "/etc/up/f")) == dir / "root/up/f");
  CHECK_FALSE(exists(dir / "up"));
}

TEST_CASE("odd spellings of a path in a root are one path") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root");
  const UniqueFd root = open_dir(dir / "root");
  CHECK(target_of(files::make_dir_in_root(root.get(), "//a///b//./c/")) == dir / "root/a/b/c");
  CHECK(target_of(files::make_dir_in_root(root.get(), "/../../d/e/../f")) == dir / "root/d/f");
  CHECK(target_of(files::make_dir_in_root(root.get(), "/")) == dir / "root");
  CHECK(target_of(files::make_file_in_root(root.get(), "x//y")) == dir / "root/x/y");
}

TEST_CASE("a loop of symlinks in a root is refused, dangling or not") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root");
  REQUIRE(::symlink("b", (dir / "root/a").c_str()) == 0);
  REQUIRE(::symlink("a", (dir / "root/b").c_str()) == 0);
  REQUIRE(::symlink("grow/x", (dir / "root/grow").c_str()) == 0);
  const UniqueFd root = open_dir(dir / "root");
  CHECK_THROWS_AS(files::make_dir_in_root(root.get(), "/a/c"), SysError);
  CHECK_THROWS_AS(files::make_dir_in_root(root.get(), "/grow"), SysError);
  CHECK_THROWS_AS(files::make_file_in_root(root.get(), "/a"), SysError);
}

TEST_CASE("a file in the way of a directory in a root is an error") {
  const scratch::Dir dir;
  write_file(dir / "root/f", "");
  const UniqueFd root = open_dir(dir / "root");
  CHECK_THROWS_AS(files::make_dir_in_root(root.get(), "/f"), SysError);
  CHECK_THROWS_AS(files::make_dir_in_root(root.get(), "/f/x"), SysError);
}

TEST_CASE("a FIFO in the place of a file in a root blocks nobody") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root");
  REQUIRE(::mkfifo((dir / "root/f").c_str(), 0600) == 0);
  const UniqueFd root = open_dir(dir / "root");
  CHECK(target_of(files::make_file_in_root(root.get(), "/f")) == dir / "root/f");
  CHECK_THROWS_AS(files::read_file(root.get(), "f"), Error);
}

TEST_CASE("what is made has its mode whatever the umask") {
  const scratch::Dir dir;
  std::filesystem::create_directories(dir / "root");
  const UniqueFd root = open_dir(dir / "root");
  const mode_t before = ::umask(0077);
  files::make_dir_in_root(root.get(), "/d");
  files::make_file_in_root(root.get(), "/f");
  files::replace_file(root.get(), "r", "text", 0644);
  CHECK(::umask(before) == 0077);
  CHECK((lstat_of(dir / "root/d").st_mode & 07777) == 0755);
  CHECK((lstat_of(dir / "root/f").st_mode & 07777) == 0644);
  CHECK((lstat_of(dir / "root/r").st_mode & 07777) == 0644);
}

TEST_CASE("a replaced file is a new one, and nothing is left beside it") {
  const scratch::Dir dir;
  write_file(dir / "f", "old");
  const UniqueFd old = files::open_at(AT_FDCWD, dir / "f", O_RDONLY);
  const UniqueFd fd = open_dir(dir.path());
  files::replace_file(fd.get(), "f", "new", 0600);
  CHECK(read_file(dir / "f") == "new");
  CHECK(files::read_all(old.get(), "f", 100) == "old");
  CHECK(files::list_dir(fd.get(), ".") == std::vector<std::string>{"f"});
}

TEST_CASE("a file over its limit is refused, one at the limit is read") {
  const scratch::Dir dir;
  write_file(dir / "f", std::string(100, 'x'));
  const UniqueFd fd = open_dir(dir.path());
  CHECK(files::read_file(fd.get(), "f", 100).size() == 100);
  CHECK_THROWS_AS(files::read_file(fd.get(), "f", 99), Error);
}

TEST_CASE("a locked directory is swept only when nobody holds it") {
  const scratch::Dir dir;
  const UniqueFd parent = open_dir(dir.path());
  auto owner = files::make_locked_dir(parent.get(), "d");
  REQUIRE(owner);
  CHECK_FALSE(files::make_locked_dir(parent.get(), "d"));
  CHECK_FALSE(files::lock_if_abandoned(parent.get(), "d"));
  owner.reset();
  CHECK(files::lock_if_abandoned(parent.get(), "d"));
  CHECK_FALSE(files::lock_if_abandoned(parent.get(), "gone"));
}

TEST_CASE("random names are lower-case hexadecimal, as long as asked for, and differ") {
  const std::string name = files::random_hex(13);
  CHECK(name.size() == 13);
  CHECK(name.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(name != files::random_hex(13));
}

}  // namespace
}  // namespace minirun
