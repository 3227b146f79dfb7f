#include "image/layer/hidden_links.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "image/layer/whiteouts.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

using namespace minirun;
using namespace minirun::test;
using image::find_hidden_links;
namespace fs = std::filesystem;

namespace {

/// An image whose bin is a symlink to usr/bin.
struct MergedUsr {
  scratch::Dir dir;
  MergedUsr() {
    scratch::write_file(dir / "low/usr/bin/sh", "");
    scratch::write_file(dir / "low/usr/bin/ls", "");
    fs::create_directory_symlink("usr/bin", dir / "low/bin");
    scratch::write_file(dir / "top/bin/tool", "");
  }
  std::vector<std::string> stack(const std::vector<std::string>& names) const {
    std::vector<std::string> diffs;
    for (const std::string& name : names) diffs.push_back(dir / name);
    return diffs;
  }
};

}  // namespace

TEST_CASE("a directory that hides a symlink to a directory is found, with what is missed") {
  const MergedUsr image;
  scratch::write_file(image.dir / "between/etc/x", "");
  const auto links = find_hidden_links(image.stack({"top", "between", "low"}));
  REQUIRE(links.size() == 1);
  CHECK(links[0].layer == 0);
  CHECK(links[0].path == "bin");
  CHECK(links[0].target == "usr/bin");
  CHECK(links[0].names == 2);
  CHECK(words_of(links[0]) ==
        "/bin is a directory where the layers below have a symlink to usr/bin: 2 names that it led "
        "to are no longer found in /bin");
}

TEST_CASE("a directory in a directory is found too, and an absolute symlink") {
  const scratch::Dir dir;
  scratch::write_file(dir / "low/run/lock/x", "");
  fs::create_directories(dir / "low/var");
  fs::create_directory_symlink("/run/lock", dir / "low/var/lock");
  scratch::write_file(dir / "top/var/lock/y", "");
  const auto links = find_hidden_links({dir / "top", dir / "low"});
  REQUIRE(links.size() == 1);
  CHECK(links[0].path == "var/lock");
}

TEST_CASE("nothing is hidden where nothing is missed") {
  const MergedUsr image;
  CHECK(find_hidden_links(image.stack({"low"})).empty());
  CHECK(find_hidden_links({}).empty());
  scratch::write_file(image.dir / "same/bin/sh", "");
  scratch::write_file(image.dir / "same/bin/ls", "");
  CHECK(find_hidden_links(image.stack({"same", "low"})).empty());
  scratch::write_file(image.dir / "other/sbin/x", "");
  CHECK(find_hidden_links(image.stack({"other", "low"})).empty());
  fs::create_directory_symlink("/etc", image.dir / "low/dangling");
  scratch::write_file(image.dir / "over/dangling/x", "");
  CHECK(find_hidden_links(image.stack({"over", "low"})).empty());
}

TEST_CASE("a directory that is opaque, or stands over a whiteout, hides the symlink on purpose") {
  if (!is_root()) return;
  const MergedUsr image;
  fs::create_directories(image.dir / "gone");
  REQUIRE(::mknod((image.dir / "gone/bin").c_str(), S_IFCHR, makedev(0, 0)) == 0);
  CHECK(find_hidden_links(image.stack({"top", "gone", "low"})).empty());
  const UniqueFd bin = files::open_at(AT_FDCWD, image.dir / "top/bin", O_RDONLY | O_DIRECTORY);
  image::set_opaque(bin.get(), "bin");
  CHECK(find_hidden_links(image.stack({"top", "low"})).empty());
}
