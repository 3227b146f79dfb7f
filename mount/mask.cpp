#include "mount/mask.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <set>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr uint64_t cover_attributes =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

/// What is to be hidden, if it is there. Throws Error where it is not the kernel's own file: then
/// somebody has put another file system in the place of procfs or sysfs, and the mask would hide
/// nothing that matters.
std::optional<UniqueFd> open_of_kernel(int root, const std::string& path);

/// The container's /dev/null, proved to be the null device.
UniqueFd open_null(int root);

std::string quoted_words(const std::vector<std::string>& paths);

/// What is mounted below the first directory of each path, such as /proc.
std::string look_below_tops(const std::string& root, const std::vector<std::string>& paths);

}  // namespace

// LESSON: masks
void MaskPaths::apply(Live& live) const {
  const UniqueFd null = open_null(root_of(live));
  for (const std::string& path : paths) {
    const auto target = open_of_kernel(root_of(live), path);
    if (!target) continue;
    struct stat status {};
    check(::fstat(target->get(), &status), "stat ", path);
    const UniqueFd cover = S_ISDIR(status.st_mode) ? new_mount("tmpfs", {}, cover_attributes)
                                                   : clone_mount(null.get(), false);
    attach(cover.get(), target->get(), path);
  }
}

std::string MaskPaths::shell() const {
  return cat("for path in", quoted_words(paths), "; do\n  at=", shell_quote(root),
             "$path\n"
             "  if [ -d \"$at\" ]; then\n"
             "    mount -t tmpfs -o nosuid,noexec,nodev tmpfs \"$at\"\n"
             "    mount -o remount,bind,ro \"$at\"\n"
             "  elif [ -e \"$at\" ]; then\n"
             "    mount --bind ",
             shell_path(root, "/dev/null"), " \"$at\"\n  fi\ndone");
}

// What isn't there isn't masked, and whether a path is a file or a directory is the kernel's
// choice.
std::vector<std::string> MaskPaths::calls() const {
  std::vector<std::string> list;
  for (const std::string& path : paths) {
    append(list, only_if("a file", {clone_mount_call(short_path(root, "/dev/null"), false)}));
    append(list, only_if("a directory", new_mount_calls("tmpfs", {}, cover_attributes)));
    append(list, only_if("there", {attach_call("cover", short_path(root, path))}));
  }
  return list;
}

std::string MaskPaths::look() const { return look_below_tops(root, paths); }

// LESSON: read-only-paths
void ReadOnlyPaths::apply(Live& live) const {
  for (const std::string& path : paths) {
    const auto target = open_of_kernel(root_of(live), path);
    if (!target) continue;
    const UniqueFd tree = clone_mount(target->get(), true);
    set_attributes(tree.get(), MOUNT_ATTR_RDONLY, true, path);
    attach(tree.get(), target->get(), path);
  }
}

std::string ReadOnlyPaths::shell() const {
  return cat("for path in", quoted_words(paths), "; do\n  at=", shell_quote(root),
             "$path\n"
             "  if [ -e \"$at\" ]; then\n"
             "    mount --rbind \"$at\" \"$at\"\n"
             "    mount -o remount,bind,ro \"$at\"\n"
             "  fi\n"
             "done");
}

std::vector<std::string> ReadOnlyPaths::calls() const {
  std::vector<std::string> list;
  for (const std::string& path : paths) {
    const std::string point = short_path(root, path);
    append(list, only_if("there", {clone_mount_call(point, true),
                                   set_attributes_call("tree", MOUNT_ATTR_RDONLY, true),
                                   attach_call("tree", point)}));
  }
  return list;
}

std::string ReadOnlyPaths::look() const { return look_below_tops(root, paths); }

namespace {

std::optional<UniqueFd> open_of_kernel(int root, const std::string& path) {
  auto fd = open_without_links(root, path);
  if (!fd) return fd;
  struct statfs fs {};
  check(::fstatfs(fd->get(), &fs), "statfs ", path);
  if (fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC) {
    throw Error(cat(path, " does not lie on procfs or sysfs"),
                "something else is mounted there, so the kernel's own file can't be protected; "
                "no volume may lie on it");
  }
  return fd;
}

UniqueFd open_null(int root) {
  auto fd = open_without_links(root, "/dev/null");
  if (!fd) throw Error("/dev/null is missing in the container, so files can't be masked with it");
  struct stat status {};
  check(::fstat(fd->get(), &status), "stat /dev/null");
  if (!S_ISCHR(status.st_mode) || status.st_rdev != ::makedev(1, 3)) {
    throw Error("/dev/null in the container is not the null device (char 1:3)",
                "files would be masked with something that can be read or written");
  }
  return std::move(*fd);
}

std::string quoted_words(const std::vector<std::string>& paths) {
  std::string words;
  for (const std::string& path : paths) words += cat(" ", shell_quote(path));
  return words;
}

std::string look_below_tops(const std::string& root, const std::vector<std::string>& paths) {
  std::set<std::string> tops;
  for (const std::string& path : paths) tops.insert(root + path.substr(0, path.find('/', 1)));
  return look_at_mounts_below({tops.begin(), tops.end()});
}

}  // namespace

}  // namespace minirun::mount
