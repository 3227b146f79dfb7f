// Removes what runners left that could not undo: after kill -9, or after a power cut.
#pragma once

#include <string>
#include <vector>

#include "runner/base/stray.h"
#include "runner/containers/state.h"

namespace minirun {

/// Removes each container's directory that is not locked and not kept, with its processes, cgroup,
/// name and anonymous volumes. Fast if there is nothing to remove, because each start calls it.
/// Returns a line for each thing that can't be removed; this doesn't stop the rest.
std::vector<std::string> sweep_containers(const std::string& store_root);

/// Removes one kept container. Throws UsageError: it doesn't exist, or it is running.
void remove_container(const std::string& store_root, const std::string& id_or_name);

/// A container's id, from its id, a unique beginning of its id, or its name. Throws UsageError.
std::string find_container(const std::string& store_root, const std::string& id_or_name);

/// Named volumes, sorted.
std::vector<std::string> list_volumes(const std::string& store_root);
/// Removes a volume and its files. Throws UsageError: it doesn't exist, or a container uses it.
void remove_volume(const std::string& store_root, const std::string& name);

/// What is in containers/ and volumes/ and belongs to nothing. Nothing is changed.
std::vector<Stray> stray_containers(const std::string& store_root);

struct ContainerInfo {
  ContainerState state;
  bool running = false;
};
/// All containers, sorted by id.
std::vector<ContainerInfo> list_containers(const std::string& store_root);

}  // namespace minirun
