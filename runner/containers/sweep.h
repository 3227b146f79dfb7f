// Taking away what runners left that could not do it themselves: killed with -9, or with the power.
#pragma once

#include <string>
#include <vector>

#include "runner/containers/state.h"

namespace minirun {

/// Removes each container's directory whose lock nobody holds and that is not kept, with its
/// processes, cgroup, name and anonymous volumes. Cheap where there is nothing to do: each start
/// calls it. What can't be removed is returned, a line each, and doesn't stop the rest.
std::vector<std::string> sweep_containers(const std::string& store_root);

/// Removes one kept container. Throws UsageError: no such container, or it runs.
void remove_container(const std::string& store_root, const std::string& id_or_name);

/// A container's directory name from its id, an unambiguous beginning of it, or its name. Throws
/// UsageError.
std::string find_container(const std::string& store_root, const std::string& id_or_name);

/// Named volumes, sorted.
std::vector<std::string> list_volumes(const std::string& store_root);
/// Removes a volume and what is in it. Throws UsageError: no such volume, or a container has it
/// mounted.
void remove_volume(const std::string& store_root, const std::string& name);

struct ContainerInfo {
  ContainerState state;
  bool running = false;
};
/// All containers, sorted by id.
std::vector<ContainerInfo> list_containers(const std::string& store_root);

}  // namespace minirun
