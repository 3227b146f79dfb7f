// Removes a directory tree, as root. An untrusted program may have written the tree.
//
// The removal must not follow a symlink. It must not enter a mount (a volume's files stay). It must
// not run out of stack or descriptors on a tree 5,000 deep. And it must not stop at the first file
// that it can't remove. So a deep directory is first renamed to the top of the tree: at most
// `max_depth` descriptors are open at a time.
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cstdio>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::files {
namespace {

constexpr int max_depth = 64;

/// A directory below the tree, never across a mount point: EXDEV there.
int open_below(int dir, const std::string& name) {
  struct open_how how {};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
  return static_cast<int>(::syscall(SYS_openat2, dir, name.c_str(), &how, sizeof how));
}

/// chattr -i -a. The flag may be the file's own or its directory's; both are asked for where unlink
/// says EPERM.
void clear_immutable(int fd) {
  int flags = 0;
  if (fd < 0 || ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == -1) return;
  const int cleared = flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
  if (cleared != flags) ::ioctl(fd, FS_IOC_SETFLAGS, &cleared);
}

/// unlinkat(2), and once more after the immutable flags are cleared if that is what forbids it.
int unlink_stubborn(int dir, const std::string& name, int flags) {
  if (::unlinkat(dir, name.c_str(), flags) == 0 || errno == ENOENT) return 0;
  if (errno != EPERM) return errno;
  clear_immutable(dir);
  const auto status = stat_at(dir, name);
  if (status &&
      (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode))) {  // opening a device would act on it
    const UniqueFd file(::openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    clear_immutable(file.get());
  }
  return ::unlinkat(dir, name.c_str(), flags) == 0 ? 0 : errno;
}

/// What could not be removed, and the errno that says why.
struct Left {
  std::string path;
  int number = 0;

  bool empty() const { return path.empty(); }
};

[[noreturn]] void refuse(int dir, const Left& left) {
  if (left.number == EXDEV) {  // RESOLVE_NO_XDEV's word for a mount point
    throw Error(
        cat("cannot remove ", left.path, ": something is mounted on it"),
        cat("umount -R ", shell_quote(cat(path_of(dir), "/", left.path)), ", and then minirun gc"));
  }
  throw Error(cat("cannot remove ", left.path, ": ", errno_words(left.number)),
              "what is named there is left behind; nothing below a mount is ever removed");
}

class Remover {
 public:
  explicit Remover(int top) : top_(top) {}

  /// Removes what is below the top, and below directories that were renamed up to it in the
  /// meantime.
  void remove_all(const std::string& shown) {
    uint64_t moved_before = 0;
    do {
      moved_before = moved_;
      remove_contents(top_, shown, 0);
    } while (moved_ != moved_before);
  }
  const Left& left() const { return left_; }

 private:
  void leave(const std::string& shown, int number) {
    if (left_.empty()) left_ = {shown, number};
  }

  void remove_contents(int dir, const std::string& shown, int depth) {
    for (const std::string& name : list_dir(dir, ".")) {
      const std::string path = cat(shown, "/", name);
      const int error = unlink_stubborn(dir, name, 0);
      if (error == EISDIR) {  // the kernel's word: so no file needs a stat(2) first
        remove_dir(dir, name, path, depth);
      } else if (error != 0) {
        leave(path, error);
      }
    }
  }

  /// Renames a directory to the top, under a name that nothing has there. Returns 0 or an errno.
  int move_up(int dir, const std::string& name) {
    for (bool cleared = false;;) {
      const std::string up = cat(".deep-", moved_);
      if (::renameat2(dir, name.c_str(), top_, up.c_str(), RENAME_NOREPLACE) == 0) {
        ++moved_;
        return 0;
      }
      if (errno == EEXIST) {
        ++moved_;  // a stranger's, or one that could not be removed
      } else if (errno == EPERM && !cleared) {
        const UniqueFd sub(open_below(dir, name));
        for (const int fd : {dir, sub.get(), top_}) clear_immutable(fd);
        cleared = true;
      } else {
        return errno;
      }
    }
  }

  void remove_dir(int dir, const std::string& name, const std::string& path, int depth) {
    if (unlink_stubborn(dir, name, AT_REMOVEDIR) == 0) return;  // it was empty
    if (depth >= max_depth) {
      if (const int error = move_up(dir, name); error != 0) leave(path, error);
      return;
    }
    const UniqueFd sub(open_below(dir, name));
    if (!sub) return leave(path, errno);
    remove_contents(sub.get(), path, depth + 1);
    if (const int error = unlink_stubborn(dir, name, AT_REMOVEDIR); error != 0) leave(path, error);
  }

  int top_;             // the tree's own top directory, where deep directories are renamed to
  uint64_t moved_ = 0;  // how many, to give each a name
  Left left_;           // the first thing that could not be removed
};

}  // namespace

void remove_tree(int dir, const std::string& name) {
  const auto status = stat_at(dir, name);
  if (!status) return;
  Left left;
  if (S_ISDIR(status->st_mode)) {
    const UniqueFd top(open_below(dir, name));
    if (!top) refuse(dir, {name, errno});
    Remover remover(top.get());
    remover.remove_all(name);
    left = remover.left();
  }
  const int error = unlink_stubborn(dir, name, S_ISDIR(status->st_mode) ? AT_REMOVEDIR : 0);
  if (left.empty() && error != 0) left = {name, error};
  if (!left.empty()) refuse(dir, left);
}

}  // namespace minirun::files
