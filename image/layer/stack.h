// Reads a stack of layers as one tree, as overlay would show it, without a mount.
//
// The runner needs /etc/passwd and /etc/group of the image before there is a mount, because it
// looks users up before clone. And a teacher may ask which layer a file comes from. The rules are
// those of overlayfs.rst. The topmost layer that has a name wins. A whiteout ends the search. An
// opaque directory hides the same directory in the layers below. Other directories merge.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "runner/base/unique_fd.h"

namespace minirun::image {

/// How symlinks in a path are treated.
enum class Links {
  follow,     ///< all of them, as open(2) does
  keep_last,  ///< all but the last part, as lstat(2) does
  refuse,     ///< none: a path through a symlink finds no file
};

class Stack {
 public:
  /// Directories of the layers' files, topmost first. If a layer's root is opaque, the layers below
  /// it are never shown.
  explicit Stack(const std::vector<std::string>& diffs);

  size_t size() const { return layers_.size(); }
  int layer(size_t index) const { return layers_[index].get(); }  ///< its open directory

  struct Found {
    size_t layer;      ///< index into `diffs`
    std::string path;  ///< its place after all symlinks, relative to the root
    UniqueFd fd;       ///< O_PATH | O_NOFOLLOW
  };
  /// Resolves an absolute path as a process inside would, symlinks included (at most 40).
  std::optional<Found> find(const std::string& path, Links links = Links::follow) const;
  /// Opens a file that was found, to read it. A FIFO or a device does not make it wait.
  UniqueFd open(const Found& found) const;
  /// The path after all symlinks, relative to the root. If a part doesn't exist, it and the parts
  /// after it stay as they are.
  std::string resolve(const std::string& path, Links links = Links::follow) const;
  /// The content of a small regular file; nullopt if it doesn't exist. Throws ImageError for a
  /// FIFO, a device, or a file longer than `limit`.
  std::optional<std::string> read(const std::string& path, size_t limit = 1 << 20) const;
  /// The names in a directory of the merged tree, sorted; empty if there is no such directory.
  std::vector<std::string> list(const std::string& path, Links links = Links::follow) const;

  struct Name {
    std::string name;
    std::vector<size_t> layers;  ///< one; for a merged directory all its layers, topmost first
    struct stat status;
    std::string target;  ///< of a symlink
  };
  struct Directory {
    std::vector<size_t> layers;  ///< the layers that are merged in it, topmost first
    std::vector<Name> names;     ///< sorted
    size_t hidden = 0;           ///< names of lower layers that whiteouts in it hide
  };
  /// A directory as the stack shows it; nullopt if there is no such directory.
  std::optional<Directory> read_dir(const std::string& path) const;

 private:
  std::vector<UniqueFd> layers_;
};

}  // namespace minirun::image
