#include <sys/mount.h>
#include <sys/syscall.h>

#include <atomic>
#include <cstdio>
#include <thread>

#include "mount/bind.h"
#include "mount/dev.h"
#include "mount/dir.h"
#include "mount/mask.h"
#include "mount/mount.h"
#include "tests/unit/box.h"

namespace minirun::mount {
namespace {

using Catch::Contains;
using scratch::Box;
using scratch::exists;
using scratch::in_mount_namespace;
using scratch::is_root;
using scratch::link_to;
using scratch::mount_at;
using scratch::write_file;

TEST_CASE("case 63: a working directory behind a link of /proc is refused [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    link_to("/proc/self/cwd", box.image() + "/link");
    box.start();
    Mount{"proc", box.merged(), "/proc", 0, {}, true}.apply(box.live);
    const UniqueFd leaked = files::open_at(AT_FDCWD, "/", O_PATH);
    for (const std::string& path :
         {cat("/proc/self/fd/", leaked.get()), cat("/proc/self/fd/", leaked.get(), "/tmp"),
          std::string("/proc/1/cwd"), std::string("/proc/self/root/tmp"), std::string("/link")}) {
      INFO(path);
      CHECK_THROWS_AS((MakeDirInRoot{box.merged(), path}.apply(box.live)), SysError);
    }
  });
}

TEST_CASE("cases 66, 67 and 69: /proc, /sys, /dev and /dev/pts as symlinks are refused [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string outside = dir / "outside";
    write_file(outside + "/f", "kept");
    write_file(box.image() + "/etc/f", "");
    link_to("/etc", box.image() + "/proc");
    link_to("no-such", box.image() + "/sys");
    link_to(outside, box.image() + "/dev");
    box.start();
    const std::string before = scratch::mountinfo();
    for (const char* path : {"/proc", "/sys", "/dev", "/dev/pts", "/proc/x"}) {
      CHECK_THROWS_WITH((Mount{"tmpfs", box.merged(), path, 0, {}, true}.apply(box.live)),
                        Contains("symlink at"));
    }
    CHECK(scratch::mountinfo() == before);
    // Where a link is allowed, what it names is looked for inside.
    MakeNodes{box.merged(), {{"/dev/null", 1, 3}}}.apply(box.live);
    CHECK(files::list_dir(AT_FDCWD, outside) == std::vector<std::string>{"f"});
    CHECK(exists(box.merged() + outside + "/null"));
  });
}

TEST_CASE("case 66: /proc as a file is refused [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/proc", "");
    box.start();
    CHECK_THROWS_AS((Mount{"proc", box.merged(), "/proc", 0, {}, true}.apply(box.live)),
                    ImageError);
  });
}

TEST_CASE("case 68: only the null device is used to mask [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    box.start();
    Mount{"proc", box.merged(), "/proc", 0, {}, true}.apply(box.live);
    const MaskPaths mask{box.merged(), {"/proc/interrupts"}};
    CHECK_THROWS_AS(mask.apply(box.live), Error);
    write_file(box.merged() + "/dev/null", "evil");
    CHECK_THROWS_WITH(mask.apply(box.live), Contains("1:3"));
    std::filesystem::remove(box.merged() + "/dev/null");
    link_to("/dev/zero", box.merged() + "/dev/null");
    MakeNodes{box.merged(), {{"/dev/zero", 1, 5}}}.apply(box.live);
    CHECK_THROWS_AS(mask.apply(box.live), ImageError);
    std::filesystem::rename(box.merged() + "/dev/zero", box.merged() + "/dev/null");
    CHECK_THROWS_WITH(mask.apply(box.live), Contains("1:3"));
  });
}

TEST_CASE("case 70: a target that races between directory and symlink stays inside [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string outside = dir / "outside";
    std::filesystem::create_directories(outside);
    write_file(dir / "source/f", "");
    std::filesystem::create_directories(box.image() + "/a");
    link_to(outside, box.image() + "/b");
    box.start();
    std::atomic<bool> done = false;
    auto racer = std::async(std::launch::async, [&, root = box.live.root.get()] {
      size_t swaps = 0;
      for (; !done; ++swaps) ::renameat2(root, "a", root, "b", RENAME_EXCHANGE);
      return swaps;
    });
    size_t mounted = 0;
    for (int i = 0; i < 3000; ++i) {
      const auto attempt = std::async(std::launch::deferred, [&] {
        Bind{dir / "source", box.merged(), "/a/deep/x"}.apply(box.live);
        ++mounted;
      });
      attempt.wait();  // the race may also end in an error, which stays in the future
      for (const char* name : {"/a", "/b"}) {
        const UniqueFd at(files::try_open_in_root(box.live.root.get(), name, O_RDONLY));
        if (!at) continue;
        ::umount2(cat("/proc/self/fd/", at.get(), "/deep/x").c_str(), MNT_DETACH);
        if (files::stat_at(at.get(), "deep/x")) ::unlinkat(at.get(), "deep/x", AT_REMOVEDIR);
        ::unlinkat(at.get(), "deep", AT_REMOVEDIR);
      }
    }
    done = true;
    CHECK(racer.get() > 1000);
    CHECK(mounted > 100);
    CHECK(std::filesystem::is_empty(outside));
    std::istringstream lines(scratch::mountinfo());
    for (std::string line; std::getline(lines, line);) {
      if (line.find("/source ") == std::string::npos) continue;
      CHECK_THAT(line, Contains(" " + box.merged() + "/"));
    }
  });
}

TEST_CASE("case 71: what lies on no procfs or sysfs is neither masked nor trusted [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    box.start();
    Mount{"tmpfs", box.merged(), "/dev", 0, {}, true}.apply(box.live);
    MakeNodes{box.merged(), {{"/dev/null", 1, 3}}}.apply(box.live);
    Mount{"tmpfs", box.merged(), "/proc", 0, {}, true}.apply(box.live);
    write_file(box.merged() + "/proc/kcore", "");
    const std::vector<std::string> paths = {"/proc/kcore"};
    CHECK_THROWS_WITH((MaskPaths{box.merged(), paths}.apply(box.live)), Contains("procfs"));
    CHECK_THROWS_WITH((ReadOnlyPaths{box.merged(), paths}.apply(box.live)), Contains("procfs"));
  });
}

TEST_CASE("cases 75 and 77: mounts inside, the host's root among them, never reach the host [root]",
          "[root]") {
  if (!is_root()) return;
  const bool shared = GENERATE(false, true);
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    if (shared) check(::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr), "share");
    Box box(dir / "s");
    const std::string before = scratch::mountinfo();
    std::async(std::launch::async, [&] {
      check(::unshare(CLONE_NEWNS), "unshare");
      MakePrivate{}.apply(box.live);
      box.start();
      Bind{"/", box.merged(), "/host"}.apply(box.live);
      Mount{"tmpfs", box.merged(), "/host/tmp", 0, {}}.apply(box.live);
      CHECK_FALSE(mount_at(box.merged() + "/host/tmp").empty());
      CHECK(scratch::mountinfo().find("shared:") == std::string::npos);
    }).get();
    CHECK(scratch::mountinfo() == before);
  });
}

}  // namespace
}  // namespace minirun::mount
