#include "runner/diff.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <set>

#include "image/stack.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun {
namespace {

/// Walks the upper directory beside the stack of layers below it.
class UpperDiff {
 public:
  explicit UpperDiff(const std::vector<std::string>& layers) : below_(layers) {}

  /// `dir` is opened by its path from the top, so depth costs no descriptors; the list of those to
  /// visit is our own.
  std::vector<Change> run(const std::string& upper) {
    const UniqueFd top = files::open_at(AT_FDCWD, upper, O_RDONLY | O_DIRECTORY);
    for (size_t next = 0; next < dirs_.size(); ++next) {
      const std::string path = dirs_[next];
      const UniqueFd dir =
          files::open_in_root(top.get(), "/" + path, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
      compare(dir.get(), path);
    }
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(changes_);
  }

 private:
  void compare(int dir, const std::string& path) {
    const std::vector<std::string> names_below = below_.list(path);
    const std::set<std::string> below(names_below.begin(), names_below.end());
    std::set<std::string> here;
    for (const std::string& name : files::list_dir(dir, ".")) {
      here.insert(name);
      const std::string entry = cat(path, "/", name);
      const auto status = files::stat_at(dir, name);
      if (!status) continue;
      if (S_ISCHR(status->st_mode) && status->st_rdev == makedev(0, 0)) {
        changes_.push_back({'D', entry});
        continue;
      }
      changes_.push_back({below.contains(name) ? 'C' : 'A', entry});
      if (S_ISDIR(status->st_mode)) dirs_.push_back(entry);
    }
    char opaque = 0;
    if (::fgetxattr(dir, "trusted.overlay.opaque", &opaque, 1) != 1 || opaque != 'y') return;
    // The directory was removed and made again: what it had below is gone, without a whiteout for
    // each name.
    for (const std::string& name : below) {
      if (!here.contains(name)) changes_.push_back({'D', cat(path, "/", name)});
    }
  }

  image::Stack below_;
  std::vector<std::string> dirs_ = {""};
  std::vector<Change> changes_;
};

}  // namespace

std::vector<Change> diff_upper(const std::string& upper, const std::vector<std::string>& layers) {
  return UpperDiff(layers).run(upper);
}

}  // namespace minirun
