// store/containers/ID: the directory with all files of a container.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun {

/// Makes `path` (0700) and keeps it locked, in live.lock, while this runner lives
/// (runner/base/locked_dir.h). undo removes the directory and all below it, and never crosses a
/// mount. With `keep`, undo only releases the lock. If an earlier undo failed, it does the same,
/// and the file `state` tells the next sweep what is left.
struct MakeContainerDir {
  std::string path;
  bool keep = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const MakeContainerDir&) const = default;
};

}  // namespace minirun
