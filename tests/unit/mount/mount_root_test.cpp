#include <sys/mount.h>

#include <algorithm>

#include "mount/dev.h"
#include "mount/dir.h"
#include "mount/mask.h"
#include "mount/mount.h"
#include "mount/pivot.h"
#include "tests/unit/box.h"

namespace minirun::mount {
namespace {

using Catch::Contains;
using scratch::Box;
using scratch::exists;
using scratch::in_mount_namespace;
using scratch::is_root;
using scratch::mount_at;
using scratch::read_file;
using scratch::write_file;

bool can_write(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  return static_cast<bool>(fd);
}

TEST_CASE("an overlay shows the layers, and keeps what is written in the upper directory [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/a", "upper layer");
    const std::string low = box.layer("B");
    write_file(low + "/a", "lower layer");
    write_file(low + "/b", "lower layer");
    box.start();
    CHECK(read_file(box.merged() + "/a") == "upper layer");
    CHECK(read_file(box.merged() + "/b") == "lower layer");
    write_file(box.merged() + "/new", "written");
    CHECK(read_file(box.upper() + "/new") == "written");
    CHECK(std::filesystem::current_path() == dir.path());
    CHECK_THAT(mount_at(box.merged()), Contains("nodev") && Contains("volatile"));
    CHECK(files::path_of(box.live.root.get()) == box.merged());
  });
}

TEST_CASE("case 15: 127 and 500 layers are mounted, and a layer named twice [root]", "[root]") {
  if (!is_root()) return;
  const int count = GENERATE(1, 127, 499);
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    for (int i = 0; i < count; ++i) {
      std::string name = std::to_string(i);
      name.insert(0, 26 - name.size(), 'L');
      write_file(box.layer(name) + "/file" + std::to_string(i), "x");
    }
    Overlay overlay = box.overlay();
    overlay.lower.push_back(overlay.lower.front());
    overlay.apply(box.live);
    CHECK(exists(box.merged() + "/file0"));
    CHECK(exists(box.merged() + "/file" + std::to_string(count - 1)));
    CHECK(can_write(box.merged() + "/new"));
    CHECK(exists(box.upper() + "/new"));
  });
}

TEST_CASE("a store whose path has a comma, colon, backslash or space works [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "a,b:c\\d e");
    write_file(box.image() + "/f", "found");
    box.start();
    CHECK(read_file(box.merged() + "/f") == "found");
    CHECK(can_write(box.merged() + "/new"));
    CHECK(exists(box.upper() + "/new"));
  });
}

TEST_CASE("a store on an overlay file system is refused with what to do [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box outer(dir / "s");
    outer.start();
    Box inner(outer.merged() + "/s");
    const auto says_where_to = Catch::Predicate<SysError>([](const SysError& error) {
      return error.hint().find("MINIRUN_ROOT") != std::string::npos;
    });
    CHECK_THROWS_MATCHES(inner.start(), SysError, says_where_to);
  });
}

TEST_CASE("new file systems get their flags and options, and their targets are made [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string m = box.merged();
    box.start();
    const uint64_t safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
    Mount{"proc", m, "/proc", safe, {}, true}.apply(box.live);
    Mount{"sysfs", m, "/sys", safe | MOUNT_ATTR_RDONLY, {}, true}.apply(box.live);
    Mount{"tmpfs", m, "/dev", MOUNT_ATTR_NOSUID, {"mode=755", "size=64k"}, true}.apply(box.live);
    Mount{"devpts",
          m,
          "/dev/pts",
          MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
          {"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}}
        .apply(box.live);
    Mount{"mqueue", m, "/dev/mqueue", safe, {}}.apply(box.live);
    CHECK_THAT(mount_at(m + "/proc"), Contains("nosuid,nodev,noexec") && Contains("proc proc"));
    CHECK_THAT(mount_at(m + "/sys"), Contains(" ro,"));
    CHECK_THAT(mount_at(m + "/dev"), Contains("size=64k,mode=755"));
    CHECK_THAT(mount_at(m + "/dev/pts"), Contains("gid=5,mode=620,ptmxmode=666"));
    CHECK_THAT(mount_at(m + "/dev/mqueue"), Contains("mqueue mqueue"));
    CHECK_THROWS_WITH((Mount{"tmpfs", m, "/x", 0, {"size=nonsense"}}.apply(box.live)),
                      Contains("size=nonsense"));
    CHECK_THROWS_WITH((Mount{"nosuchfs", m, "/x", 0, {}}.apply(box.live)), Contains("nosuchfs"));
  });
}

TEST_CASE("devices work, are open to all, and links point where they should [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string m = box.merged();
    box.start();
    Mount{"tmpfs", m, "/dev", MOUNT_ATTR_NOSUID, {"mode=755"}, true}.apply(box.live);
    ::umask(0077);
    MakeNodes{m, {{"/dev/null", 1, 3}, {"/dev/zero", 1, 5}, {"/dev/net/tun", 10, 200}}}.apply(
        box.live);
    MakeLinks{m, {{"/dev/fd", "/proc/self/fd"}}}.apply(box.live);
    CHECK((scratch::lstat_of(m + "/dev/null").st_mode & 07777) == 0666);
    CHECK(can_write(m + "/dev/null"));
    CHECK(exists(m + "/dev/net/tun"));
    CHECK(std::filesystem::read_symlink(m + "/dev/fd") == "/proc/self/fd");
    CHECK_THROWS_WITH((MakeNodes{m, {{"/dev/zero", 1, 5}}}.apply(box.live)),
                      Contains("/dev/zero c 1 5"));
  });
}

TEST_CASE("case 83: masked files are empty, masked directories too, read-only ones EROFS [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string m = box.merged();
    box.start();
    Mount{"proc", m, "/proc", 0, {}, true}.apply(box.live);
    Mount{"tmpfs", m, "/dev", 0, {}, true}.apply(box.live);
    MakeNodes{m, {{"/dev/null", 1, 3}}}.apply(box.live);
    MaskPaths{m, {"/proc/interrupts", "/proc/bus", "/proc/no-such"}}.apply(box.live);
    ReadOnlyPaths{m, {"/proc/sys", "/proc/meminfo", "/proc/no-such"}}.apply(box.live);
    CHECK(read_file(m + "/proc/interrupts").empty());
    CHECK(std::filesystem::is_empty(m + "/proc/bus"));
    CHECK_FALSE(can_write(m + "/proc/bus/x"));
    for (const char* name : {"/proc/sys/kernel/hostname", "/proc/meminfo"}) {
      CHECK_FALSE(can_write(m + name));
      CHECK(errno == EROFS);
    }
    CHECK(read_file(m + "/proc/sys/kernel/ostype") == "Linux\n");
  });
}

TEST_CASE("a read-only root leaves what is mounted in it writable [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    box.start();
    Mount{"tmpfs", box.merged(), "/tmp", 0, {}}.apply(box.live);
    ReadOnlyRoot{box.merged()}.apply(box.live);
    CHECK_FALSE(can_write(box.merged() + "/x"));
    CHECK(can_write(box.merged() + "/tmp/x"));
    CHECK(can_write(box.upper() + "/x"));
  });
}

TEST_CASE("after the pivot the image is the root, and nothing of the host can be named [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/f", "of the image");
    box.start();
    Mount{"proc", box.merged(), "/proc", 0, {}, true}.apply(box.live);
    PivotRoot{box.merged()}.apply(box.live);
    DetachOldRoot{}.apply(box.live);
    CHECK(read_file("/f") == "of the image");
    CHECK_FALSE(exists("/usr"));
    CHECK(std::filesystem::current_path() == "/");
    const std::string mounts = scratch::mountinfo();
    CHECK(std::count(mounts.begin(), mounts.end(), '\n') == 2);
    MakeDirInRoot{"/", "/made"}.apply(box.live);
    CHECK(exists("/made"));
  });
}

TEST_CASE("detaching the old root takes nothing from a namespace that shares its mounts [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), "share");
    // The store's mount alone is private, so that pivot_root(2) has no reason to refuse.
    check(::mount(nullptr, dir.path().c_str(), nullptr, MS_PRIVATE, nullptr), "make private");
    const std::string before = scratch::mountinfo();
    std::async(std::launch::async, [&] {
      check(::unshare(CLONE_NEWNS), "unshare");
      box.start();
      PivotRoot{box.merged()}.apply(box.live);
      DetachOldRoot{}.apply(box.live);
      CHECK_FALSE(exists("/usr"));
    }).get();
    CHECK(scratch::mountinfo() == before);
  });
}

TEST_CASE("what needs a root says so where no step has made one", "[mount]") {
  Live live;
  CHECK_THROWS_WITH((Mount{"proc", "/m", "/proc", 0, {}, true}.apply(live)),
                    Contains("no root directory"));
  CHECK_THROWS_WITH(PivotRoot{"/m"}.apply(live), Contains("no root directory"));
}

TEST_CASE("a pivot into what is no mount point is explained [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Live live;
    std::filesystem::create_directory(dir / "plain");
    live.root = files::open_at(AT_FDCWD, dir / "plain", O_PATH);
    CHECK_THROWS_WITH(PivotRoot{dir / "plain"}.apply(live), Contains("pivot_root"));
  });
}

}  // namespace
}  // namespace minirun::mount
