// The new root: merged becomes "/", and the host's root is unmounted.
//
//     pivot_root(".", ".")      in merged: the old root is mounted on top of the new one
//     umount2(".", MNT_DETACH)  unmounts the old root
//     chdir("/")                makes the new root the working directory
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

/// Unmounts the host's root. From here on no path leads to a file of the host.
struct DetachOldRoot {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const DetachOldRoot&) const = default;
};

}  // namespace minirun::mount
