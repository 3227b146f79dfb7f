#include "runner/diff.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "scratch_dir.h"

using namespace minirun;
using test::ScratchDir;
using test::write_file;

TEST_CASE("a name that a layer has is changed, one that none has is added") {
  const ScratchDir dir;
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
  if (::geteuid() != 0) {
    WARN("needs root: mknod and trusted xattrs");
    return;
  }
  const ScratchDir dir;
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
