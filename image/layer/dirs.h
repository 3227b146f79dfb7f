// The directories of a layer that is being written, opened safely and kept open for the next entry.
//
// A tar lists a directory's files one after another, so most entries find their parent open; a miss
// costs one openat2(2) that follows no symlink. Where the layer itself has a symlink in the way it
// is followed as a process inside would: the layer's directory is the root, so neither "/" nor ".."
// leads out (openat2(2), RESOLVE_IN_ROOT).
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
  /// Opens a directory (a clean relative path, empty for the root) and makes what is missing, 0755
  /// and root's. Valid until the next call. Throws ImageError that begins with `where` if something
  /// else stands in the way.
  int open(const std::string& path, const std::string& where);
  /// The path of a directory that `open` gave for `path`: another one where symlinks led to it.
  std::string real_path(int dir, const std::string& path) const;
  /// How many directories `open` has made.
  uint64_t made() const { return made_; }
  /// Opens one that has to be there, through no symlink; an empty descriptor if it is not.
  UniqueFd find(const std::string& path) const;
  /// Forgets the directory at `path` and all below it, which are about to go.
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
