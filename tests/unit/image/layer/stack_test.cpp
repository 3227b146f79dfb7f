#include "image/layer/stack.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "runner/base/error.h"
#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using Catch::Contains;
using namespace minirun;
using namespace minirun::test;
using image::Stack;
namespace fs = std::filesystem;

TEST_CASE("the topmost layer that has a name wins, and says so") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/etc/passwd", "low");
  scratch::write_file(dir / "low/etc/group", "group");
  scratch::write_file(dir / "top/etc/passwd", "top");
  const Stack stack({dir / "top", dir / "low"});
  CHECK(stack.read("/etc/passwd") == "top");
  CHECK(stack.find("/etc/passwd")->layer == 0);
  CHECK(stack.read("/etc/group") == "group");
  CHECK(stack.find("/etc/group")->layer == 1);
  CHECK(stack.find("/etc//./group")->path == "etc/group");
  CHECK(!stack.find("/etc/none"));
  CHECK(!stack.find("/etc/passwd/x"));
  CHECK(stack.find("/")->path.empty());
  CHECK(stack.find("/etc")->layer == 0);
}

TEST_CASE("a whiteout hides what is below it, and a file or directory above hides the other") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/a/file", "x");
  scratch::write_file(dir / "low/b", "x");
  scratch::write_file(dir / "low/c/file", "x");
  scratch::write_file(dir / "low/d", "x");
  scratch::whiteout(dir / "top/a");
  scratch::whiteout(dir / "top/b");
  scratch::write_file(dir / "top/c", "now a file");
  scratch::write_file(dir / "top/d/file", "now a directory");
  const Stack stack({dir / "top", dir / "low"});
  CHECK(!stack.find("/a/file"));
  CHECK(!stack.find("/b"));
  CHECK(stack.read("/c") == "now a file");
  CHECK(!stack.find("/c/file"));
  CHECK(stack.read("/d/file") == "now a directory");
}

TEST_CASE("an opaque directory hides the same directory below it only") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  scratch::write_file(dir / "low/d/old", "x");
  scratch::write_file(dir / "low/e", "x");
  scratch::write_file(dir / "top/d/new", "x");
  REQUIRE(::setxattr((dir / "top/d").c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
  const Stack stack({dir / "top", dir / "low"});
  CHECK(!stack.find("/d/old"));
  CHECK(stack.find("/d/new"));
  CHECK(stack.find("/e"));
}

TEST_CASE("symlinks are followed inside the stack, across layers and never out of it") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/etc/passwd", "inside");
  scratch::write_file(dir / "secret", "outside");
  fs::create_directories(dir / "top/sub/deep");
  fs::create_symlink("/etc/passwd", dir / "top/absolute");
  fs::create_symlink("../../etc", dir / "top/sub/deep/relative");
  fs::create_symlink("../../../../../../secret", dir / "top/out");
  fs::create_symlink(dir / "secret", dir / "top/host");
  fs::create_symlink("loop", dir / "top/loop");
  const Stack stack({dir / "top", dir / "low"});
  CHECK(stack.read("/absolute") == "inside");
  CHECK(stack.read("/sub/deep/relative/passwd") == "inside");
  CHECK(stack.find("/absolute")->path == "etc/passwd");
  CHECK(!stack.find("/out"));
  CHECK(!stack.find("/host"));
  CHECK(!stack.find("/loop"));
  CHECK(stack.read("/../../etc/passwd") == "inside");
}

TEST_CASE("case 78: a passwd that is a FIFO, a device or too long is refused without blocking") {
  const scratch::Dir dir;
  fs::create_directories(dir / "l/etc");
  REQUIRE(::mkfifo((dir / "l/etc/passwd").c_str(), 0644) == 0);
  scratch::write_file(dir / "l/etc/group", std::string(101, 'x'));
  const Stack stack({dir / "l"});
  CHECK_THROWS_WITH(stack.read("/etc/passwd"), Contains("not a regular file"));
  CHECK_THROWS_AS(stack.read("/etc"), ImageError);
  CHECK_THROWS_WITH(stack.read("/etc/group", 100), Contains("at most"));
  CHECK(stack.read("/etc/group", 101)->size() == 101);
}

TEST_CASE("symlinks may be kept at the end, or not followed at all") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/usr/bin/sh", "x");
  fs::create_directories(dir / "top");
  fs::create_symlink("usr/bin", dir / "top/bin");
  fs::create_symlink("sh", dir / "low/usr/bin/bash");
  const Stack stack({dir / "top", dir / "low"});
  using image::Links;
  CHECK(stack.find("/bin/bash")->path == "usr/bin/sh");
  CHECK(stack.find("/bin/bash", Links::keep_last)->path == "usr/bin/bash");
  CHECK(stack.find("/bin", Links::keep_last)->path == "bin");
  CHECK(stack.find("/bin/", Links::keep_last)->path == "usr/bin");
  CHECK(stack.find("/bin", Links::refuse)->layer == 0);
  CHECK_FALSE(stack.find("/bin/bash", Links::refuse));
  CHECK(stack.list("/bin") == std::vector<std::string>{"bash", "sh"});
  CHECK(stack.list("/bin", Links::refuse).empty());
  CHECK(stack.resolve("/bin/bash") == "usr/bin/sh");
  CHECK(stack.resolve("/bin/none/../deeper") == "usr/bin/deeper");
  CHECK(stack.resolve("/bin/sh/x") == "usr/bin/sh/x");
  CHECK(stack.resolve("/../") == "");
}

TEST_CASE("a directory is listed with the layers that each name comes from") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/d/both", "12");
  scratch::write_file(dir / "low/d/low", "1");
  scratch::write_file(dir / "low/d/gone", "");
  scratch::write_file(dir / "low/d/sub/x", "");
  scratch::write_file(dir / "top/d/both", "123");
  fs::create_directories(dir / "top/d/sub");
  fs::create_symlink("both", dir / "top/d/link");
  const bool is_root = ::geteuid() == 0;
  if (is_root) scratch::whiteout(dir / "top/d/gone");
  if (is_root) scratch::whiteout(dir / "top/d/never");
  const Stack stack({dir / "top", dir / "low"});
  const auto directory = stack.read_dir("/d");
  REQUIRE(directory);
  CHECK(directory->layers == std::vector<size_t>{0, 1});
  CHECK(directory->hidden == (is_root ? 1 : 0));
  std::string names;
  for (const auto& name : directory->names) {
    if (name.name == "gone") continue;  // shown where we can't make a whiteout
    names += name.name + ":";
    for (const size_t layer : name.layers) names += std::to_string(layer);
    names += name.target + " ";
  }
  CHECK(names == "both:0 link:0both low:1 sub:01 ");
  CHECK(directory->names.front().status.st_size == 3);
  CHECK_FALSE(stack.read_dir("/d/both"));
  CHECK_FALSE(stack.read_dir("/none"));
}
