// Removes what runners left that could not undo: after kill -9, or after a power cut.
#pragma once

#include <string>
#include <vector>

#include "runner/base/stray.h"
#include "runner/containers/state.h"

namespace minirun {

/// Removes the directory of each container whose runner was killed, with its processes, cgroup,
/// name and anonymous volumes. Each start calls it: so it is fast if there is nothing to remove,
/// and doesn't look at the kept ones. Returns a line for each thing that can't be removed; this
/// doesn't stop the rest.
std::vector<std::string> sweep_containers(const std::string& store_root);

/// The same, and also removes a container of --keep if its runner was killed before the program
/// ran.
std::vector<std::string> sweep_all_containers(const std::string& store_root);

/// Removes one kept container. Throws UsageError: it doesn't exist, or it is running.
void remove_container(const std::string& store_root, const std::string& id_or_name);

/// A container's directory in the store, "kept/ID", from its id, its name, or a unique beginning of
/// its id. Throws UsageError.
std::string find_container(const std::string& store_root, const std::string& id_or_name);

/// Named volumes, sorted.
std::vector<std::string> list_volumes(const std::string& store_root);
/// Removes a volume and its files. Throws UsageError: it doesn't exist, or a container uses it.
void remove_volume(const std::string& store_root, const std::string& name);

/// What lies in containers/ and volumes/ and no container needs. Changes nothing.
std::vector<Stray> stray_containers(const std::string& store_root);

struct ContainerInfo {
  ContainerState state;
  std::string path;  ///< in the store: "kept/0123456789ab"
  bool running = false;
};
/// All containers, sorted by id; the kept ones last.
std::vector<ContainerInfo> list_containers(const std::string& store_root);

}  // namespace minirun
