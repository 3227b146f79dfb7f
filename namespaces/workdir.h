// The directory in which the program starts, and how a path is opened from inside.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Changes to WorkingDir. Magic links in the path are refused: /proc/self/fd/N would lead out
/// (CVE-2024-21626). getcwd(2) then checks that the directory is below the root. Done before the
/// user changes, as in runc, because the program's user may not be allowed to enter the directory.
struct ChangeDir {
  std::string path;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ChangeDir&) const = default;
};

/// Opens a path of the container; -1 and errno if that fails. For the child after pivot_root, whose
/// "/" is the container's root.
int open_inside(const std::string& path, int flags);

/// Where we stand. Throws Error where that is not below our root: the kernel says "(unreachable)"
/// then, and glibc ENOENT (getcwd(3), NOTES).
std::string current_dir();

}  // namespace minirun::ns
