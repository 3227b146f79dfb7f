// The directory that holds all that a container leaves on disk: store/containers/ID.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun {

/// Makes `path` (0700) and holds a lock on it in live.lock for as long as this runner lives
/// (runner/base/locked_dir.h). undo removes all below it, never across a mount; with `keep` it only
/// lets go of the lock.
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
