#include "image/layer/changes.h"

#include <algorithm>
#include <functional>
#include <set>

#include "image/layer/dirs.h"
#include "image/layer/stack.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::image {
namespace {

/// Walks the upper directory beside the stack of layers below it.
class UpperDiff {
 public:
  using Tell = std::function<void(Change)>;
  UpperDiff(const std::vector<std::string>& layers, Tell tell)
      : below_(layers), tell_(std::move(tell)) {}

  /// Each is opened by its path from the top, so depth costs no descriptors; the list of those to
  /// visit is our own.
  void run(const std::string& upper) {
    const UniqueFd top = files::open_at(AT_FDCWD, upper, O_RDONLY | O_DIRECTORY);
    while (!dirs_.empty()) {
      const Dir next = std::move(dirs_.back());
      dirs_.pop_back();
      const UniqueFd dir = files::open_in_root(top.get(), "/" + next.path, O_RDONLY | O_DIRECTORY,
                                               RESOLVE_NO_SYMLINKS);
      compare(dir.get(), next.path, next.hides_below || is_opaque(dir.get()));
    }
  }

 private:
  struct Dir {
    std::string path;
    bool hides_below;  // it, or one that it is in, is opaque
  };

  void compare(int dir, const std::string& path, bool hides_below) {
    // As the names lie there: a directory where there was a symlink is not the one it led to.
    const auto names_below = below_.list(path, Links::refuse);
    const std::set<std::string> below(names_below.begin(), names_below.end());
    std::set<std::string> here;
    for (const std::string& name : files::list_dir(dir, ".")) {
      here.insert(name);
      const std::string entry = cat(path, "/", name);
      const auto status = files::stat_at(dir, name);
      if (!status) continue;
      if (is_whiteout(*status)) {
        tell_({'D', entry});
        continue;
      }
      tell_({below.contains(name) ? 'C' : 'A', entry});
      if (S_ISDIR(status->st_mode)) dirs_.push_back({entry, hides_below});
    }
    if (!hides_below) return;
    // The directory was removed and made again: what it had below is gone, without a whiteout for
    // each name. Directories in it are new too, and overlay marks only the outermost.
    for (const std::string& name : below) {
      if (!here.contains(name)) tell_({'D', cat(path, "/", name)});
    }
  }

  Stack below_;
  Tell tell_;
  std::vector<Dir> dirs_ = {{"", false}};
};

}  // namespace

std::vector<Change> diff_upper(const std::string& upper, const std::vector<std::string>& layers) {
  std::vector<Change> changes;
  UpperDiff(layers, [&changes](Change change) { changes.push_back(std::move(change)); }).run(upper);
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

ChangeCounts count_changes(const std::string& upper, const std::vector<std::string>& layers) {
  ChangeCounts counts;
  UpperDiff(layers, [&counts](const Change& change) {
    ++(change.kind == 'A' ? counts.added : change.kind == 'C' ? counts.changed : counts.deleted);
  }).run(upper);
  return counts;
}

}  // namespace minirun::image
