#include <sys/mount.h>

#include "mount/attach.h"
#include "mount/bind.h"
#include "mount/dev.h"
#include "mount/dir.h"
#include "mount/mask.h"
#include "mount/mount.h"
#include "mount/pivot.h"
#include "runner/containers/dir.h"
#include "tests/unit/scratch.h"

namespace minirun::mount {
namespace {

using scratch::exists;
using scratch::lstat_of;
using scratch::read_file;

TEST_CASE("attributes are named as mount(8) names them") {
  CHECK(attribute_names(0).empty());
  CHECK(attribute_names(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                        MOUNT_ATTR_NOEXEC) == "nosuid,noexec,nodev,ro");
}

TEST_CASE("a mount's shell form has its type, flags, options and target") {
  const Mount dev{"tmpfs", "/m", "/dev", MOUNT_ATTR_NOSUID, {"mode=755", "size=64k"}, true};
  CHECK(dev.shell() ==
        "[ ! -L /m/dev ]  # it would lead out of the container\n"
        "mkdir -p /m/dev\nmount -t tmpfs -o nosuid,mode=755,size=64k tmpfs /m/dev");
  const Mount plain{"proc", "/m", "/a b", 0, {}, false};
  CHECK(plain.shell() == "inside /m '/a b'\nmkdir -p \"$at\"\nmount -t proc proc \"$at\"");
  const Mount read_only{"sysfs", "/m", "/sys", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, {}, true};
  CHECK_THAT(read_only.shell(), Catch::EndsWith("mount -t sysfs -o nodev sysfs /m/sys\n"
                                                "mount -o remount,bind,nodev,ro /m/sys"));
}

TEST_CASE("a tmpfs that looks like what it covers takes from it what isn't asked for") {
  const Mount like{"tmpfs", "/m", "/t", MOUNT_ATTR_NODEV, {"mode=700", "size=1m"}, false, true};
  CHECK(like.shell() ==
        "inside /m /t\n"
        "look=\n"
        "[ ! -d \"$at\" ] || look=$(stat -c uid=%u,gid=%g \"$at\")\n"
        "mkdir -p \"$at\"\n"
        "mount -t tmpfs -o nodev,mode=700,size=1m ${look:+-o \"$look\"} tmpfs \"$at\"");
}

TEST_CASE("a bind mount's shell form gives its flags to all below it") {
  const Bind bind{"/src", "/m", "/dst", MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, false};
  CHECK(bind.shell() ==
        "inside /m /dst\n"
        "if [ -d /src ]; then mkdir -p \"$at\"\n"
        "elif [ ! -e \"$at\" ]; then install -D -m 644 /dev/null \"$at\"\n"
        "fi\n"
        "mount --rbind /src \"$at\"\n"
        "mount -o remount,bind,nodev,ro \"$at\"\n"
        "findmnt -Rlno TARGET \"$at\" | tail -n +2 | while IFS= read -r below; do\n"
        "  mount -o remount,bind,nodev,ro \"$below\"\n"
        "done");
  const Bind plain{"/src", "/m", "/dst", 0, false};
  CHECK(plain.shell().find("remount") == std::string::npos);
}

TEST_CASE("ops are compared by all their fields") {
  CHECK(MakeDir{"/a", 0755, 1, 2} == MakeDir{"/a", 0755, 1, 2});
  CHECK_FALSE(MakeDir{"/a", 0755, 1, 2} == MakeDir{"/a", 0755, 1, 3});
  CHECK_FALSE(Bind{"/a", "/m", "/b"} == Bind{"/a", "/m", "/b", MOUNT_ATTR_RDONLY});
}

TEST_CASE("the shell forms of directories and files") {
  CHECK(MakeContainerDir{"/s/c/1"}.shell() ==
        "mkdir -m 700 /s/c/1\nexec 8< /s/c/1\nflock --nonblock 8");
  CHECK(MakeContainerDir{"/s/c/1"}.undo_shell() ==
        "exec 8<&-\nflock --timeout 1 /s/c/1 rm -rf --one-file-system /s/c/1");
  CHECK(MakeContainerDir{"/s/c/1", true}.undo_shell().empty());
  CHECK(MakeDir{"/s/d", 01777, 5, 6}.shell() == "install -d -m 1777 -o 5 -g 6 /s/d");
  CHECK(WriteFile{"/s/f", "it's\n", 0644}.shell() ==
        "printf %s 'it'\\''s\n' > /s/f\nchmod 644 /s/f");
  CHECK(MakeDirInRoot{"/m", "/s rv"}.shell() == "inside /m '/s rv'\nmkdir -p \"$at\"");
}

TEST_CASE("nodes and links are one shell line each") {
  CHECK(MakeNodes{"/m", {{"/dev/null", 1, 3}, {"/dev/tty", 5, 0}}}.shell() ==
        "mknod -m 666 /m/dev/null c 1 3\nmknod -m 666 /m/dev/tty c 5 0");
  CHECK(MakeLinks{"/m", {{"/dev/fd", "/proc/self/fd"}}}.shell() == "ln -s /proc/self/fd /m/dev/fd");
}

TEST_CASE("masks and read-only paths are loops over what is there") {
  CHECK(MaskPaths{"/m", {"/proc/kcore", "/proc/acpi"}}.shell() ==
        "for path in /proc/kcore /proc/acpi; do\n"
        "  at=/m$path\n"
        "  if [ -d \"$at\" ]; then\n"
        "    mount -t tmpfs -o nosuid,noexec,nodev tmpfs \"$at\"\n"
        "    mount -o remount,bind,ro \"$at\"\n"
        "  elif [ -e \"$at\" ]; then\n"
        "    mount --bind /m/dev/null \"$at\"\n"
        "  fi\n"
        "done");
  CHECK(ReadOnlyPaths{"/m", {"/proc/sys"}}.shell() ==
        "for path in /proc/sys; do\n"
        "  at=/m$path\n"
        "  if [ -e \"$at\" ]; then\n"
        "    mount --rbind \"$at\" \"$at\"\n"
        "    mount -o remount,bind,ro \"$at\"\n"
        "  fi\n"
        "done");
}

TEST_CASE("the pivot's shell form keeps the host's programs in reach, read only") {
  const std::string pivot = PivotRoot{"/m"}.shell();
  CHECK_THAT(pivot, Catch::StartsWith("mount --bind /usr /usr ") &&
                        Catch::Contains("\nmount -o remount,bind,ro /usr\nexec 9< /usr ") &&
                        Catch::EndsWith("cd /m\npivot_root . ."));
  CHECK_THAT(DetachOldRoot{}.shell(),
             Catch::EndsWith("cd /proc/self/fd/9  # the host's /usr\nexec 9<&-\n"
                             "$host ./bin/umount --internal-only --no-mtab --lazy /"));
}

TEST_CASE("a container's directory is locked while it lives, unique, and removed by undo") {
  const scratch::Dir dir;
  const MakeContainerDir op{dir / "c1"};
  Live live;
  op.apply(live);
  CHECK(live.lock);
  CHECK((lstat_of(dir / "c1").st_mode & 07777) == 0700);
  Live other;
  CHECK_THROWS_WITH(op.apply(other), Catch::Contains("already"));
  scratch::write_file(dir / "c1/diff/f", "");
  op.undo(live);
  CHECK_FALSE(exists(dir / "c1"));
  CHECK_FALSE(live.lock);
  op.undo(live);
}

TEST_CASE("files and directories of a container have exactly their mode") {
  const scratch::Dir dir;
  Live live;
  const mode_t before = ::umask(0077);
  MakeDir{dir / "d", 01777, ::getuid(), ::getgid()}.apply(live);
  WriteFile{dir / "f", "two", 0640}.apply(live);
  ::umask(before);
  CHECK((lstat_of(dir / "d").st_mode & 07777) == 01777);
  CHECK((lstat_of(dir / "f").st_mode & 07777) == 0640);
  CHECK(read_file(dir / "f") == "two");
  CHECK_THROWS_AS((MakeDir{dir / "d", 0755, 0, 0}.apply(live)), SysError);
  CHECK_THROWS_AS((WriteFile{dir / "f", "three", 0640}.apply(live)), SysError);
}

TEST_CASE("a working directory is made if missing, and a file there is an error") {
  const scratch::Dir dir;
  scratch::write_file(dir / "root/f", "");
  Live live;
  live.root = files::open_at(AT_FDCWD, dir / "root", O_PATH | O_DIRECTORY);
  MakeDirInRoot{dir / "root", "/a/b"}.apply(live);
  MakeDirInRoot{dir / "root", "/a/b"}.apply(live);
  CHECK(S_ISDIR(lstat_of(dir / "root/a/b").st_mode));
  CHECK_THROWS_WITH((MakeDirInRoot{dir / "root", "/f"}.apply(live)),
                    Catch::Contains("a file is there"));
}

}  // namespace
}  // namespace minirun::mount
