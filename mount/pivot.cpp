#include "mount/pivot.h"

#include <sys/mount.h>
#include <sys/syscall.h>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

std::string hint_for(int number) {
  switch (number) {
    case EINVAL:
      return "the new root must be a mount point, and neither its parent nor the old root may be "
             "shared; nor can the first file system of a boot (an initramfs) be pivoted away from. "
             "See pivot_root(2)";
    case EBUSY:
      return "the new root lies on the current root's own mount; see pivot_root(2)";
    default:
      return {};
  }
}

/// What is mounted on "/": after pivot_root the new root and, on top of it, the old one.
constexpr const char* look_at_roots = "awk '$5 == \"/\"' /proc/$PID/mountinfo";

}  // namespace

// LESSON: pivot-root
void PivotRoot::apply(Live& live) const {
  check(::fchdir(root_of(live)), "chdir ", merged);
  if (::syscall(SYS_pivot_root, ".", ".") == 0) return;
  const int number = errno;
  throw SysError(number, cat("pivot_root ", merged), hint_for(number));
}

// The image need not have any tool, so a shell goes on with the host's: descriptor 9 keeps /usr in
// reach, where Debian has all its programs and libraries, and $host runs one of them by the host's
// dynamic loader, since the kernel would look for that in the new root. Read only, because the
// program can come to hold what runs before it as /proc/self/exe (CVE-2019-5736).
std::string PivotRoot::shell() const {
  return cat(
      "mount --bind /usr /usr  # the host's programs, for the steps after this one\n"
      "mount -o remount,bind,ro /usr\n"
      "exec 9< /usr  # keeps them in reach\n"
      "for ld in /lib*/ld-linux*-*.so.*; do \"$ld\" --verify /usr/bin/env 2> /dev/null && break; "
      "done\n"
      "ld=$(readlink -f \"$ld\")  # what loads them; the kernel would look for it inside\n"
      "host=\".${ld#/usr} --inhibit-cache --library-path .$(dirname \"${ld#/usr}\")\"\n"
      "cd ",
      shell_quote(merged), "\npivot_root . .");
}

std::vector<std::string> PivotRoot::calls() const {
  return {call("fchdir", unknown(name_of(merged))),
          call("pivot_root", c_string("."), c_string("."))};
}

std::string PivotRoot::look() const { return look_at_roots; }

// LESSON: detach
void DetachOldRoot::apply(Live& live) const {
  // All that is mounted below the old root goes with it, and where one of those mounts is still a
  // peer of the host's, the host's goes too: /proc and /dev of the machine. Step private prevents
  // that, but who unmounts must not rely on it: pivot_root(2) looks at other mounts' propagation.
  // ".." at the root is the topmost mount that is stacked there, the old root.
  check(::mount(nullptr, "..", nullptr, MS_REC | MS_PRIVATE, nullptr),
        "mount --make-rprivate the old root");
  check(::umount2(".", MNT_DETACH), "umount the old root");
  check(::chdir("/"), "chdir /");
  live.root = files::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
}

// Of what the image has, the loader obeys /etc/ld.so.preload, and umount would run
// /sbin/umount.TYPE, as root with the host in reach: so neither may happen.
std::string DetachOldRoot::shell() const {
  return "if [ -e /etc/ld.so.preload ]; then\n"
         "  complain 'the image has an /etc/ld.so.preload, which the host programs would obey'\n"
         "  exit 125\n"
         "fi\n"
         "cd /proc/self/fd/9  # the host's /usr\n"
         "exec 9<&-\n"
         "$host ./bin/umount --internal-only --no-mtab --lazy /";
}

std::vector<std::string> DetachOldRoot::calls() const {
  return {call("mount", "NULL", c_string(".."), "NULL", "MS_REC|MS_PRIVATE", "NULL"),
          call("umount2", c_string("."), "MNT_DETACH"), call("chdir", c_string("/"))};
}

std::string DetachOldRoot::look() const { return look_at_roots; }

}  // namespace minirun::mount
