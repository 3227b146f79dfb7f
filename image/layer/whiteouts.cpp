#include "image/layer/whiteouts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>

#include "image/layer/dirs.h"
#include "image/layer/stack.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

UniqueFd open_dir(int diff, const std::string& path) {
  return UniqueFd(files::try_open_in_root(
      diff, path.empty() ? "." : path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_SYMLINKS));
}

/// Tells where the layer hides those below it. Of sorted paths each asks only for the directories
/// that it doesn't share with the last one: a hostile layer has many, and two thousand deep.
class Hidden {
 public:
  explicit Hidden(int diff) : diff_(diff), root_(is_opaque(diff)) {}

  bool at(const std::string& path) {
    if (root_ || path.empty()) return root_;
    const auto mismatch = std::mismatch(path.begin(), path.end(), last_.begin(), last_.end());
    const auto shared = static_cast<size_t>(mismatch.first - path.begin());
    while (!ends_.empty() && (ends_.back() > shared || !ends_at(path, ends_.back()))) {
      ends_.pop_back();
    }
    if (opaque_ > ends_.size()) opaque_ = 0;
    size_t end = ends_.empty() ? 0 : ends_.back() + 1;
    while (opaque_ == 0 && end <= path.size()) {
      end = std::min(path.find('/', end), path.size());
      ends_.push_back(end);
      const UniqueFd dir = open_dir(diff_, path.substr(0, end));
      if (dir && is_opaque(dir.get())) opaque_ = ends_.size();
      ++end;
    }
    last_ = path;
    return opaque_ != 0;
  }

 private:
  static bool ends_at(const std::string& path, size_t end) {
    return end == path.size() || path[end] == '/';
  }

  int diff_;
  bool root_;
  std::string last_;
  std::vector<size_t> ends_;  // where the directories of `last_` end, outermost first
  size_t opaque_ = 0;         // which of them is opaque, counted from 1
};

void remove_whiteouts(int dir, const std::string& path) {
  for (const std::string& name : files::list_dir(dir, ".")) {
    const auto status = files::stat_at(dir, name);
    if (!status || !is_whiteout(*status)) continue;
    check(::unlinkat(dir, name.c_str(), 0), "unlink the whiteout ", printable(path), "/",
          printable(name));
  }
}

}  // namespace

bool is_whiteout(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

bool is_opaque(int dir) {
  char value = 0;
  return ::fgetxattr(dir, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

void set_opaque(int dir, const std::string& where) {
  if (::fsetxattr(dir, "trusted.overlay.opaque", "y", 1, 0) == 0) return;
  throw SysError(errno, cat(where, ": set trusted.overlay.opaque"),
                 errno == EPERM ? "only root may write layers"
                                : "the store's file system has to keep trusted.* attributes; ext4, "
                                  "xfs, btrfs and tmpfs do");
}

std::vector<std::string> drop_hidden_whiteouts(int diff, const WhiteoutDirs& dirs) {
  std::vector<std::string> left;
  if (dirs.empty()) return left;
  Hidden hidden(diff);
  for (const std::string& path : dirs) {
    const UniqueFd dir = open_dir(diff, path);
    if (!dir) continue;  // a later entry took its place
    if (hidden.at(path)) {
      remove_whiteouts(dir.get(), path);
    } else {
      left.push_back(path);
    }
  }
  return left;
}

void drop_unmerged_whiteouts(int diff, const std::vector<std::string>& dirs, const Stack& below) {
  for (const std::string& path : dirs) {
    // A symlink below is hidden by this layer's directory and merges with nothing, so what is found
    // by another path than its own doesn't count.
    const auto found = below.find("/" + path);
    struct stat status {};
    if (found && found->path == path) check(::fstat(found->fd.get(), &status), "stat ", path);
    if (S_ISDIR(status.st_mode)) continue;
    const UniqueFd dir = open_dir(diff, path);
    check(dir.get(), "open ", printable(path), " in the new layer");
    check(::fstat(dir.get(), &status), "stat ", path);
    remove_whiteouts(dir.get(), path);
    const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
    check(::futimens(dir.get(), times.data()), "set times of ", path);
  }
}

}  // namespace minirun::image
