// Opens the directories of a layer while it is written, and keeps them open for the next entry.
//
// A tar lists a directory's files one after another, so most entries find their parent open. Else
// one openat2(2) opens it and follows no symlink. If the path has a symlink of the layer, it is
// followed as a process inside would do it: the layer's directory is the root, so neither "/" nor
// ".." leads out (openat2(2), RESOLVE_IN_ROOT).
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "runner/base/unique_fd.h"

namespace minirun::image {

class LayerDirs {
 public:
  /// `diff` is borrowed.
  explicit LayerDirs(int diff);

  int root() const { return root_.get(); }
  /// Opens a directory (a clean relative path, empty for the root). Makes what is missing (mode
  /// 0755, owner root). The descriptor is valid until the next call. Throws ImageError that begins
  /// with `where` if a part of the path is no directory.
  int open(const std::string& path, const std::string& where);
  /// The real path of the directory that `open` returned for `path`. It differs from `path` if
  /// symlinks led there.
  std::string real_path(int dir, const std::string& path) const;
  /// How many directories `open` has made.
  uint64_t made() const { return made_; }
  /// Opens an existing directory, and follows no symlink. An empty descriptor if it is missing.
  UniqueFd find(const std::string& path) const;
  /// Closes the directory at `path` and all below it, because they will be removed.
  void forget(const std::string& path);

 private:
  UniqueFd walk(const std::string& path, const std::string& where, bool& followed);
  UniqueFd step(int dir, const std::string& name, const std::string& path, const std::string& where,
                bool& followed);

  UniqueFd make(int dir, const std::string& name, const std::string& where);

  UniqueFd root_;
  uint64_t made_ = 0;
  std::unordered_map<std::string, UniqueFd> open_;
  UniqueFd followed_;  // the last one that a symlink led to: never kept, since the symlink may be
                       // replaced
};

}  // namespace minirun::image
