// The container's cgroup: one name for all its processes. By it minirun finds and kills them all,
// even those that forked and left their parent.
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

/// Where the cgroup v2 hierarchy is mounted, alone or together with v1; nullopt if it isn't
/// mounted.
std::optional<std::string> cgroup2_mount();
/// Where a controller of cgroup v1 ("devices") is mounted; nullopt if it isn't mounted.
std::optional<std::string> cgroup1_mount(std::string_view controller);

/// A cgroup of a container: a directory in one hierarchy.
struct Cgroup {
  std::string path;  ///< "/sys/fs/cgroup/minirun-<id>"
  bool is_v1 = false;
  std::vector<std::string> controllers;  ///< which of its controllers the container uses

  bool operator==(const Cgroup&) const = default;
};

/// Whether a file of cgroup v2 lists a controller: cgroup.controllers, cgroup.subtree_control.
bool lists_controller(const std::string& file, std::string_view controller);

/// The cgroups that a container of this name needs: one of v2, if that is mounted, and one for each
/// hierarchy of v1 that alone has a controller of `needed`. The one of v2 is made in the group that
/// was delegated to us, if one was. Throws Error if no hierarchy has a controller.
std::vector<Cgroup> choose_cgroups(const std::string& name, const std::vector<std::string>& needed);

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
