// The new root, in three steps: merged becomes "/", the host's root is stacked under it, and is let
// go.
//
//     pivot_root(".", ".")   with cwd = merged: the old root lands on top of the new one
//     umount2(".", MNT_DETACH)
//     chdir("/")
//
// Source: pivot_root(2), "pivot_root(".", ".")".
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

struct PivotRoot {
  std::string merged;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const PivotRoot&) const = default;
};

/// Lets go of the host's root: from here on nothing of the host can be named.
struct DetachOldRoot {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const DetachOldRoot&) const = default;
};

}  // namespace minirun::mount
