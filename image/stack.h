// A stack of layers seen as one tree, without mounting it: what overlay would show, looked up by
// hand.
//
// The runner needs /etc/passwd and /etc/group of the image before there is a mount (users are
// resolved before clone), and a teacher may ask which layer a file comes from. Rules as
// overlayfs.rst has them: the topmost layer that has a name wins; a whiteout ends the search; an
// opaque directory hides the same directory below it; directories merge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runner/base/unique_fd.h"

namespace minirun::image {

class Stack {
 public:
  /// Directories of the layers' files, topmost first.
  explicit Stack(const std::vector<std::string>& diffs);

  struct Found {
    size_t layer;      ///< index into `diffs`
    std::string path;  ///< where it was found after all symlinks, relative to the root
    UniqueFd fd;       ///< O_PATH | O_NOFOLLOW
  };
  /// Resolves an absolute path as a process inside would, symlinks included (at most 40).
  std::optional<Found> find(const std::string& path) const;
  /// The content of a small regular file; nothing if there is none. Throws ImageError for a FIFO, a
  /// device, a file that is longer than `limit`.
  std::optional<std::string> read(const std::string& path, size_t limit = 1 << 20) const;
  /// The names in a directory of the merged tree, sorted; nothing where there is no directory.
  std::vector<std::string> list(const std::string& path) const;

 private:
  std::vector<UniqueFd> layers_;
};

}  // namespace minirun::image
