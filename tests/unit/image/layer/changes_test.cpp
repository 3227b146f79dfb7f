#include "image/layer/changes.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <filesystem>

#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using namespace minirun;
using image::Change;
using image::ChangeCounts;
using image::count_changes;
using image::diff_upper;
using scratch::write_file;

TEST_CASE("a name that a layer has is changed, one that none has is added") {
  const scratch::Dir dir;
  write_file(dir / "low/etc/passwd", "");
  write_file(dir / "high/usr/bin/ls", "");
  write_file(dir / "upper/etc/passwd", "");
  write_file(dir / "upper/etc/new", "");
  write_file(dir / "upper/usr/bin/ls", "");
  std::filesystem::create_directory_symlink("/nowhere", dir / "high/link");
  std::filesystem::create_directory_symlink("/elsewhere", dir / "upper/link");
  const std::vector<Change> expected = {
      {'C', "/etc"}, {'A', "/etc/new"}, {'C', "/etc/passwd"}, {'C', "/link"},
      {'C', "/usr"}, {'C', "/usr/bin"}, {'C', "/usr/bin/ls"}};
  CHECK(diff_upper(dir / "upper", {dir / "high", dir / "low"}) == expected);
}

TEST_CASE("whiteouts and opaque directories delete [root]", "[root]") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  write_file(dir / "low/gone", "");
  write_file(dir / "low/again/old", "");
  std::filesystem::create_directories(dir / "upper/again");
  write_file(dir / "upper/again/new", "");
  REQUIRE(::mknod((dir / "upper/gone").c_str(), S_IFCHR, makedev(0, 0)) == 0);
  REQUIRE(::setxattr((dir / "upper/again").c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
  const std::vector<Change> expected = {
      {'C', "/again"}, {'A', "/again/new"}, {'D', "/again/old"}, {'D', "/gone"}};
  CHECK(diff_upper(dir / "upper", {dir / "low"}) == expected);
}

TEST_CASE("a directory where a layer has a symlink is compared with nothing") {
  const scratch::Dir dir;
  write_file(dir / "low/etc/passwd", "");
  std::filesystem::create_directory_symlink("etc", dir / "low/link");
  write_file(dir / "upper/link/passwd", "");
  const std::vector<Change> expected = {{'C', "/link"}, {'A', "/link/passwd"}};
  CHECK(diff_upper(dir / "upper", {dir / "low"}) == expected);
}

TEST_CASE("what is in an opaque directory hides too, and counts say the same [root]", "[root]") {
  if (!test::is_root()) return;
  const scratch::Dir dir;
  write_file(dir / "low/d/sub/old", "");
  write_file(dir / "low/d/gone/deep", "");
  write_file(dir / "upper/d/sub/new", "");
  REQUIRE(::setxattr((dir / "upper/d").c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
  const std::vector<Change> expected = {
      {'C', "/d"}, {'D', "/d/gone"}, {'C', "/d/sub"}, {'A', "/d/sub/new"}, {'D', "/d/sub/old"}};
  CHECK(diff_upper(dir / "upper", {dir / "low"}) == expected);
  CHECK(count_changes(dir / "upper", {dir / "low"}) == ChangeCounts{1, 2, 2});
}
