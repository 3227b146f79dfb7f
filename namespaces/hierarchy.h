// Where the cgroup hierarchies are, and which cgroups a container needs in them.
//
// Version 2 is one hierarchy with all controllers; version 1 is a hierarchy for each controller, or
// for a few. A machine can have both ("hybrid"), and then each controller is in one of them.
//
// Source: cgroups(7), "Cgroups version 1", "Cgroups version 2"; proc(5), "/proc/[pid]/mountinfo".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace minirun::ns
