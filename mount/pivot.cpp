#include "mount/pivot.h"

#include <sys/mount.h>
#include <sys/syscall.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
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
    case EPERM:
      return "pivot_root takes root (CAP_SYS_ADMIN) in the mount namespace's user namespace";
    default:
      return {};
  }
}

}  // namespace

// LESSON: pivot-root
void PivotRoot::apply(Live& live) const {
  check(::fchdir(live.root.get()), "chdir ", merged);
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

void DetachOldRoot::apply(Live& live) const {
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

}  // namespace minirun::mount
