// Directories are visited from a list of paths, not by recursion. Each is opened by its path from
// the top. So a deep tree needs no more stack and no more descriptors. (No image has a path longer
// than PATH_MAX.) The times of a directory are set when all below it is done, because a new file in
// it would change them.
//
// For xattrs, names go through /proc/self/fd/N/NAME: before kernel 6.13 no call for them takes a
// directory descriptor.
#include "runner/base/copy_tree.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::files {
namespace {

/// Copies the bytes from `start` to `end`, which hold no hole.
void copy_range(int from, int to, off_t start, off_t end, const std::string& name) {
  std::array<char, 65536> block;  // NOLINT(cppcoreguidelines-pro-type-member-init): pread fills it
  while (start < end) {
    const size_t wanted = std::min(block.size(), static_cast<size_t>(end - start));
    const ssize_t got = ::pread(from, block.data(), wanted, start);
    if (got == -1 && errno == EINTR) continue;
    if (check(got, "read ", name) == 0) return;  // it became shorter
    check(::lseek(to, start, SEEK_SET), "seek ", name);
    files::write_all(to, {block.data(), static_cast<size_t>(got)}, name);
    start += got;
  }
}

void copy_data(int from, int to, off_t size, const std::string& name) {
  check(::ftruncate(to, size), "truncate ", name);
  off_t start = 0;
  while (start < size) {
    start = ::lseek(from, start, SEEK_DATA);
    if (start == -1 && errno == ENXIO) return;  // the rest is a hole
    check(start, "seek ", name);
    const off_t end = check(::lseek(from, start, SEEK_HOLE), "seek ", name);
    copy_range(from, to, start, end, name);
    start = end;
  }
}

/// What becomes of files that are no directories.
enum class Way { copy, link };

std::string proc_path(int dir, const std::string& name) {
  return cat("/proc/self/fd/", dir, "/", name);
}

/// Overlay's own are about one layer, and only a link of that layer has them. A security label
/// comes with the place, so a link's directories get theirs from the kernel.
bool takes(Way way, std::string_view key) {
  return way == Way::copy ? !key.starts_with("trusted.overlay.") : key != "security.selinux";
}

/// Extended attributes, file capabilities and ACLs among them. What the target's file system has no
/// room for is left out, as cp -a does.
void copy_xattrs(int from, int to, const std::string& name, Way way) {
  const std::string source = proc_path(from, name);
  const std::string target = proc_path(to, name);
  const ssize_t size = ::llistxattr(source.c_str(), nullptr, 0);
  if (size == 0 || (size == -1 && errno == EOPNOTSUPP)) return;
  std::vector<char> names(static_cast<size_t>(check(size, "list xattrs of ", name)));
  const ssize_t length =
      check(::llistxattr(source.c_str(), names.data(), names.size()), "list xattrs of ", name);
  std::vector<char> value(65536);  // XATTR_SIZE_MAX
  for (const char* key = names.data(); key < names.data() + length;
       key += std::string_view(key).size() + 1) {
    if (!takes(way, key)) continue;
    const ssize_t got = check(::lgetxattr(source.c_str(), key, value.data(), value.size()),
                              "get xattr ", key, " of ", name);
    if (::lsetxattr(target.c_str(), key, value.data(), static_cast<size_t>(got), 0) == -1 &&
        (way == Way::link || errno != EOPNOTSUPP)) {
      throw SysError(errno, cat("set xattr ", key, " of ", name));
    }
  }
}

/// Owner, xattrs, mode, times, in the order in which none undoes another: chown(2) clears setuid
/// and capabilities.
void copy_metadata(int from, int to, const std::string& name, const struct stat& status, Way way) {
  check(::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), "chown ",
        name);
  copy_xattrs(from, to, name, way);
  if (!S_ISLNK(status.st_mode)) {
    check(::fchmodat(to, name.c_str(), status.st_mode & 07777, 0), "chmod ", name);
  }
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  check(::utimensat(to, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), "set times of ", name);
}

class TreeCopy {
 public:
  TreeCopy(int from, int to, Way way) : from_(from), to_(to), way_(way) {}

  /// Returns the device nodes that it met and left out.
  std::vector<std::string> run() {
    for (size_t next = 0; next < dirs_.size(); ++next) {
      const std::string dir = dirs_[next];  // copied: the list grows meanwhile
      copy_entries(dir);
    }
    for (auto dir = dirs_.rbegin(); dir != dirs_.rend(); ++dir) {
      const UniqueFd from = open_dir(from_, *dir);
      const UniqueFd to = open_dir(to_, *dir);
      struct stat status {};
      check(::fstat(from.get(), &status), "stat ", *dir);
      copy_metadata(from.get(), to.get(), ".", status, way_);
    }
    return std::move(devices_);
  }

 private:
  static UniqueFd open_dir(int top, const std::string& path) {
    return files::open_in_root(top, path, O_RDONLY | O_DIRECTORY,
                               RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  }

  void copy_entries(const std::string& path) {
    const UniqueFd from = open_dir(from_, path);
    const UniqueFd to = open_dir(to_, path);
    for (const std::string& name : files::list_dir(from.get(), ".")) {
      const auto status = files::stat_at(from.get(), name);
      if (status) copy_entry(from.get(), to.get(), name, *status, cat(path, "/", name));
    }
  }

  void copy_entry(int from, int to, const std::string& name, const struct stat& status,
                  const std::string& path) {
    if (S_ISDIR(status.st_mode)) {
      check(::mkdirat(to, name.c_str(), 0700), "mkdir ", path);
      dirs_.push_back(path);
      return;
    }
    if (way_ == Way::link) {
      check(::linkat(from, name.c_str(), to, name.c_str(), 0), "link ", path);
      return;
    }
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
      devices_.push_back(path.substr(2));  // without "./"
      return;
    }
    if (status.st_nlink > 1) {
      const auto [first, is_new] = links_.try_emplace({status.st_dev, status.st_ino}, path);
      if (!is_new) {
        check(::linkat(to_, first->second.c_str(), to, name.c_str(), 0), "link ", path);
        return;
      }
    }
    if (S_ISREG(status.st_mode)) {
      copy_file(from, to, name, status.st_size);
    } else if (S_ISLNK(status.st_mode)) {
      const std::string target = files::read_link(from, name).value_or("");
      check(::symlinkat(target.c_str(), to, name.c_str()), "symlink ", path);
    } else {
      check(::mknodat(to, name.c_str(), status.st_mode, 0), "mknod ", path);  // a FIFO or socket
    }
    copy_metadata(from, to, name, status, way_);
  }

  static void copy_file(int from, int to, const std::string& name, off_t size) {
    const UniqueFd in = files::open_in_root(from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY,
                                            RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    const UniqueFd out = files::open_at(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    copy_data(in.get(), out.get(), size, name);
  }

  int from_, to_;
  Way way_;
  std::vector<std::string> dirs_ = {"."};  // relative to both tops, parents first
  std::vector<std::string> devices_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // the first name of what has several
};

}  // namespace

void copy_dir_metadata(int from, int to, const struct stat& status) {
  copy_metadata(from, to, ".", status, Way::copy);
}

std::vector<std::string> copy_tree(int from, int to) { return TreeCopy(from, to, Way::copy).run(); }

void link_tree(int from, int to) { TreeCopy(from, to, Way::link).run(); }

void copy_xattr(int from, int to, const std::string& key) {
  std::string value(65536, '\0');  // XATTR_SIZE_MAX
  const ssize_t length =
      check(::fgetxattr(from, key.c_str(), value.data(), value.size()), "getxattr ", key);
  check(::fsetxattr(to, key.c_str(), value.data(), static_cast<size_t>(length), 0), "setxattr ",
        key);
}

}  // namespace minirun::files
