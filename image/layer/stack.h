// A stack of layers seen as one tree, without mounting it: what overlay would show, looked up by
// hand.
//
// The runner needs /etc/passwd and /etc/group of the image before there is a mount (users are
// resolved before clone), and a teacher may ask which layer a file comes from. Rules as
// overlayfs.rst has them: the topmost layer that has a name wins; a whiteout ends the search; an
// opaque directory hides the same directory below it; directories merge.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "runner/base/unique_fd.h"

namespace minirun::image {

/// What becomes of symlinks in a path.
enum class Links {
  follow,     ///< all of them, as open(2) does
  keep_last,  ///< the last part itself may be one, as with lstat(2)
  refuse,     ///< no path leads through one: paths that name files as they lie there
};

class Stack {
 public:
  /// Directories of the layers' files, topmost first. What lies below one whose root is opaque is
  /// never shown.
  explicit Stack(const std::vector<std::string>& diffs);

  size_t size() const { return layers_.size(); }
  int layer(size_t index) const { return layers_[index].get(); }  ///< its open directory

  struct Found {
    size_t layer;      ///< index into `diffs`
    std::string path;  ///< where it was found after all symlinks, relative to the root
    UniqueFd fd;       ///< O_PATH | O_NOFOLLOW
  };
  /// Resolves an absolute path as a process inside would, symlinks included (at most 40).
  std::optional<Found> find(const std::string& path, Links links = Links::follow) const;
  /// Where the symlinks on its way lead a path to, relative to the root; from where on there is
  /// nothing, the rest as it stands.
  std::string resolve(const std::string& path, Links links = Links::follow) const;
  /// The content of a small regular file; nullopt if there is none. Throws ImageError for a FIFO, a
  /// device, a file that is longer than `limit`.
  std::optional<std::string> read(const std::string& path, size_t limit = 1 << 20) const;
  /// The names in a directory of the merged tree, sorted; nullopt where there is no directory.
  std::vector<std::string> list(const std::string& path, Links links = Links::follow) const;

  struct Name {
    std::string name;
    std::vector<size_t> layers;  ///< one; of a directory all that are merged in it, topmost first
    struct stat status;
    std::string target;  ///< of a symlink
  };
  struct Directory {
    std::vector<size_t> layers;  ///< merged in it, topmost first
    std::vector<Name> names;     ///< sorted
    size_t hidden = 0;           ///< names of lower layers that whiteouts in it hide
  };
  /// A directory as the stack shows it; nullopt where there is none.
  std::optional<Directory> read_dir(const std::string& path) const;

 private:
  std::vector<UniqueFd> layers_;
};

}  // namespace minirun::image
