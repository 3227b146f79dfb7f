#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <array>

#include "mount/bind.h"
#include "mount/mount.h"
#include "mount/volume.h"
#include "tests/unit/box.h"

namespace minirun::mount {
namespace {

using Catch::Contains;
using scratch::Box;
using scratch::exists;
using scratch::in_mount_namespace;
using scratch::is_root;
using scratch::lstat_of;
using scratch::read_file;
using scratch::write_file;

/// Makes the volume "v" and fills it from `target`; returns its _data.
std::string fill(Box& box, const std::string& target) {
  MakeVolume{box.volumes(), "v"}.apply(box.live);
  FillVolume{box.merged(), target, box.volumes(), "v"}.apply(box.live);
  return box.volumes() + "/v/_data";
}

std::vector<std::string> names_in(const std::string& dir) { return files::list_dir(AT_FDCWD, dir); }

TEST_CASE("an empty volume gets the image's directory with all that belongs to it [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    const std::string srv = box.image() + "/srv";
    write_file(srv + "/prog", "program");
    check(::link((srv + "/prog").c_str(), (srv + "/prog2").c_str()), "link");
    check(::mknod((srv + "/dev").c_str(), S_IFCHR | 0620, ::makedev(1, 7)), "mknod");
    check(::lchown((srv + "/prog").c_str(), 1234, 5678), "chown");
    check(::chmod((srv + "/prog").c_str(), 04755), "chmod");
    struct vfs_cap_data capability {};
    capability.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
    capability.data[0].permitted = 1U << CAP_NET_BIND_SERVICE;
    check(
        ::setxattr((srv + "/prog").c_str(), "security.capability", &capability, XATTR_CAPS_SZ_2, 0),
        "setxattr");
    check(::setxattr(srv.c_str(), "trusted.mine", "x", 1, 0), "setxattr");
    check(::setxattr(srv.c_str(), "trusted.overlay.opaque", "y", 1, 0), "setxattr");
    check(::lchown(srv.c_str(), 77, 88), "chown");
    check(::chmod(srv.c_str(), 02751), "chmod");
    const std::array<timespec, 2> then = {{{1, 2}, {3, 4}}};
    check(::utimensat(AT_FDCWD, srv.c_str(), then.data(), 0), "utimensat");
    box.start();
    const std::string data = fill(box, "/srv");

    const auto prog = lstat_of(data + "/prog");
    CHECK(read_file(data + "/prog") == "program");
    CHECK((prog.st_uid == 1234 && prog.st_gid == 5678 && (prog.st_mode & 07777) == 04755));
    CHECK(prog.st_ino == lstat_of(data + "/prog2").st_ino);
    CHECK_FALSE(exists(data + "/dev"));
    CHECK_THAT(box.live.note, Contains("without the image's device nodes (/srv/dev)"));
    std::array<char, 64> value{};
    CHECK(::getxattr((data + "/prog").c_str(), "security.capability", value.data(), 64) ==
          XATTR_CAPS_SZ_2);
    CHECK(::getxattr(data.c_str(), "trusted.mine", value.data(), 64) == 1);
    CHECK(::getxattr(data.c_str(), "trusted.overlay.opaque", value.data(), 64) == -1);
    const auto top = lstat_of(data);
    CHECK((top.st_uid == 77 && top.st_gid == 88 && (top.st_mode & 07777) == 02751));
    CHECK((top.st_mtim.tv_sec == 3 && top.st_mtim.tv_nsec == 4));
    CHECK(names_in(box.volumes() + "/v") == std::vector<std::string>{"_data"});
  });
}

TEST_CASE("a volume that holds something is left alone [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/srv/f", "image's");
    box.start();
    write_file(box.volumes() + "/v/_data/mine", "mine");
    CHECK(names_in(fill(box, "/srv")) == std::vector<std::string>{"mine"});
  });
}

TEST_CASE("case 72: what is copied comes from the image and never from the host [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(dir / "host/secret", "secret");
    check(::symlink((dir / "host").c_str(), (box.image() + "/link").c_str()), "symlink");
    write_file(box.image() + "/etc/inside", "inside");
    check(::symlink("../../../../etc", (box.image() + "/up").c_str()), "symlink");
    box.start();
    for (const std::string& target : {std::string("/link"), "/../.." + (dir / "host")}) {
      CHECK(names_in(fill(box, target)).empty());
    }
    CHECK(names_in(fill(box, "/../../up")) == std::vector<std::string>{"inside"});
  });
}

TEST_CASE("what is mounted in the container is no part of the image's content [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/etc/hosts", "of the image");
    write_file(dir / "hosts", "of minirun");
    box.start();
    Mount{"proc", box.merged(), "/proc", 0, {}, true}.apply(box.live);
    Bind{dir / "hosts", box.merged(), "/etc/hosts"}.apply(box.live);
    CHECK(names_in(fill(box, "/proc")).empty());
    CHECK(read_file(fill(box, "/etc") + "/hosts") == "of the image");
  });
}

TEST_CASE("no directory in the image, or a file, is nothing to copy [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/file", "");
    box.start();
    for (const char* target : {"/none", "/none/at/all", "/file", "/file/x"}) {
      CHECK(names_in(fill(box, target)).empty());
    }
  });
}

TEST_CASE("a copy that a dead runner left is made again, or moved on [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/srv/a", "a");
    write_file(box.image() + "/srv/b", "b");
    box.start();
    write_file(box.volumes() + "/v/filling/half", "");
    CHECK(names_in(fill(box, "/srv")) == std::vector<std::string>{"a", "b"});
    // Killed between two renames of a whole copy: "b" is in, "a" is not.
    write_file(box.volumes() + "/v/filled/a", "a");
    std::filesystem::remove(box.volumes() + "/v/_data/a");
    CHECK(names_in(fill(box, "/srv")) == std::vector<std::string>{"a", "b"});
    CHECK(names_in(box.volumes() + "/v") == std::vector<std::string>{"_data"});
  });
}

TEST_CASE("a container that has the empty volume mounted sees what is copied into it [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(box.image() + "/srv/a", "a");
    box.start();
    const std::string data = fill(box, "/none");
    Bind{data, box.merged(), "/mounted", 0, true}.apply(box.live);
    fill(box, "/srv");
    CHECK(read_file(box.merged() + "/mounted/a") == "a");
  });
}

TEST_CASE("case 94: runners that fill a volume at once make one whole copy [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    for (int i = 0; i < 200; ++i) write_file(box.image() + "/srv/" + std::to_string(i), "content");
    box.start();
    std::vector<std::future<void>> runners;
    for (int i = 0; i < 8; ++i) {
      runners.push_back(std::async(std::launch::async, [&] { fill(box, "/srv"); }));
    }
    for (auto& runner : runners) runner.get();
    CHECK(names_in(box.volumes() + "/v/_data").size() == 200);
    CHECK(read_file(box.volumes() + "/v/_data/199") == "content");
    CHECK(names_in(box.volumes() + "/v") == std::vector<std::string>{"_data"});
  });
}

}  // namespace
}  // namespace minirun::mount
