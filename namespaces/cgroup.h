// The container's cgroup: one name for all its processes. By it minirun finds and kills them all,
// even those that forked and left their parent.
//
// Source: cgroups(7), "Cgroups version 2"; cgroup_namespaces(7);
// Documentation/admin-guide/cgroup-v2.rst, "cgroup.kill".
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Makes these cgroups, one in each hierarchy. undo kills the processes in them and removes them.
struct MakeCgroup {
  std::vector<std::string> paths;  ///< "/sys/fs/cgroup/minirun-<id>"

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const MakeCgroup&) const = default;
};

/// Kills every process in a cgroup and removes the cgroup. It is no error if it doesn't exist.
/// Throws SysError if it stays busy.
void remove_cgroup(const std::string& path);

}  // namespace minirun::ns
