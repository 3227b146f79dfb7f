// The container's cgroup: one name for all its processes, however they forked, so that they can be
// found and killed.
//
// Source: cgroups(7), "Cgroups version 2"; cgroup_namespaces(7);
// Documentation/admin-guide/cgroup-v2.rst, "cgroup.kill".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Where the cgroup v2 hierarchy is mounted, alone or beside v1 controllers; nullopt if it isn't.
std::optional<std::string> cgroup2_mount();
/// Where a controller of cgroup v1 is mounted ("devices"); nullopt if it isn't.
std::optional<std::string> cgroup1_mount(std::string_view controller);

/// Makes a cgroup in each of these hierarchies. undo kills what is left in them and removes them.
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

/// Kills every process in a cgroup and removes it; "already gone" is success. Throws SysError if it
/// stays busy.
void remove_cgroup(const std::string& path);

}  // namespace minirun::ns
