#include "runner/containers/sweep.h"

#include <algorithm>
#include <array>
#include <set>

#include "mount/volume.h"
#include "namespaces/cgroup.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/text.h"
#include "runner/containers/name.h"

namespace minirun {
namespace {

constexpr size_t max_state = 16 << 20;

// Where containers are in the store. Each start looks at all that is in `containers`. What is kept,
// perhaps a thousand of them, is elsewhere.
constexpr std::string_view swept_place = "containers";
constexpr std::string_view kept_place = "kept";
constexpr std::array places = {swept_place, kept_place};

bool is_id(std::string_view name) {
  return name.size() == 12 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

UniqueFd open_store(const std::string& root) {
  return files::open_at(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
}

/// The containers in one place, each as "kept/0123456789ab".
std::vector<std::string> containers_in(int store, std::string_view place) {
  std::vector<std::string> containers;
  for (const std::string& name : files::list_dir(store, std::string(place))) {
    if (is_id(name)) containers.push_back(cat(place, "/", name));
  }
  return containers;
}

/// Only the id, if the runner was killed before it wrote the file. Of what the file says, only what
/// minirun itself writes there is believed: a cgroup that has the container's name, and volumes
/// that are marked as anonymous.
ContainerState read_state(int store, const std::string& container) {
  ContainerState state;
  const std::string path = container + "/state";
  if (const auto file = files::open_if_exists(store, path, O_RDONLY | O_NOFOLLOW)) {
    const std::string text = files::read_all(file->get(), path, max_state);
    state = ContainerState::from_json(text).value_or(state);
  }
  state.id = name_of(container);
  if (state.name.starts_with('.') || state.name.find('/') != std::string::npos) state.name = "";
  std::erase_if(state.cgroups, [&](const std::string& group) {
    return clean_absolute(group) != group || name_of(group) != "minirun-" + state.id;
  });
  std::erase_if(state.anonymous_volumes, [&](const std::string& name) {
    return !mount::is_volume_name(name) ||
           !files::stat_at(store, cat("volumes/", name, "/anonymous"));
  });
  return state;
}

/// Processes first: while one lives it may still write.
void remove_with_all(const std::string& root, int store, const std::string& container,
                     const ContainerState& state) {
  for (const std::string& cgroup : state.cgroups) ns::remove_cgroup(cgroup);
  Live live;
  for (const std::string& volume : state.anonymous_volumes) {
    mount::MakeVolume{root + "/volumes", volume, true}.undo(live);
  }
  if (!state.name.empty()) {
    ClaimName{root + "/names", state.name, "../" + container, false}.undo(live);
  }
  files::remove_tree(store, container);
}

/// Removes those in one place whose runner was killed, but not what is to be kept. A container
/// without `state` had not come to run. Returns a line for each that can't be removed.
std::vector<std::string> sweep(const std::string& root, std::string_view place) {
  const UniqueFd store = open_store(root);
  std::vector<std::string> left;
  for (const std::string& container : containers_in(store.get(), place)) {
    try {
      const auto lock = files::lock_if_abandoned(store.get(), container);
      if (!lock) continue;
      const ContainerState state = read_state(store.get(), container);
      // An older minirun kept them in `containers`.
      if (!state.keep) remove_with_all(root, store.get(), container, state);
    } catch (const Error& error) {
      left.push_back(cat("container ", name_of(container), ": ", error.what(),
                         error.hint().empty() ? "" : "; ", error.hint()));
    }
  }
  return left;
}

}  // namespace

std::vector<std::string> sweep_containers(const std::string& store_root) {
  return sweep(store_root, swept_place);
}

std::vector<std::string> sweep_all_containers(const std::string& store_root) {
  auto left = sweep(store_root, swept_place);
  for (std::string& line : sweep(store_root, kept_place)) left.push_back(std::move(line));
  return left;
}

std::string find_container(const std::string& store_root, const std::string& id_or_name) {
  std::vector<std::string> found;
  for (const ContainerInfo& container : list_containers(store_root)) {
    const ContainerState& state = container.state;
    if (state.id == id_or_name || (!state.name.empty() && state.name == id_or_name))
      return container.path;
    if (!id_or_name.empty() && state.id.starts_with(id_or_name)) found.push_back(container.path);
  }
  if (found.size() > 1)
    throw UsageError(cat("several containers begin with ", id_or_name), "give more of the id");
  if (found.empty()) {
    throw UsageError(cat("no container ", id_or_name),
                     "minirun containers lists them; --keep keeps one");
  }
  return found.front();
}

void remove_container(const std::string& store_root, const std::string& id_or_name) {
  const std::string container = find_container(store_root, id_or_name);
  const UniqueFd store = open_store(store_root);
  const auto lock = files::lock_if_abandoned(store.get(), container);
  if (!lock)
    throw UsageError(cat("container ", name_of(container), " is running"),
                     "end it first: stop its program, or its minirun");
  remove_with_all(store_root, store.get(), container, read_state(store.get(), container));
}

std::vector<ContainerInfo> list_containers(const std::string& store_root) {
  const UniqueFd store = open_store(store_root);
  std::vector<ContainerInfo> list;
  for (const std::string_view place : places) {
    for (const std::string& container : containers_in(store.get(), place)) {
      const bool abandoned = files::lock_if_abandoned(store.get(), container).has_value();
      list.push_back({read_state(store.get(), container), container, !abandoned});
    }
  }
  return list;
}

std::vector<Stray> stray_containers(const std::string& store_root) {
  std::vector<Stray> strays;
  std::set<std::string> volumes_in_use;
  for (const ContainerInfo& container : list_containers(store_root)) {
    const ContainerState& state = container.state;
    volumes_in_use.insert(state.anonymous_volumes.begin(), state.anonymous_volumes.end());
    if (container.running || state.keep) continue;
    strays.push_back({container.path, "its runner was killed"});
  }
  const UniqueFd store = open_store(store_root);
  for (const std::string_view place : places) {
    for (const std::string& name : files::list_dir(store.get(), std::string(place))) {
      if (!is_id(name)) strays.push_back({cat(place, "/", name), "this is no container's id"});
    }
  }
  for (const std::string& name : files::list_dir(store.get(), "names")) {
    const auto target = files::read_link(store.get(), "names/" + name);
    if (target && files::stat_at(store.get(), "names/" + *target)) continue;
    strays.push_back({"names/" + name, "the container of this name is gone"});
  }
  for (const std::string& name : files::list_dir(store.get(), "volumes")) {
    const bool anonymous =
        files::stat_at(store.get(), cat("volumes/", name, "/anonymous")).has_value();
    if (!anonymous || volumes_in_use.contains(name)) continue;
    strays.push_back({"volumes/" + name, "an anonymous volume whose container is gone"});
  }
  return strays;
}

std::vector<std::string> list_volumes(const std::string& store_root) {
  const std::string dir = store_root + "/volumes";
  const UniqueFd volumes = files::open_at(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> named = files::list_dir(volumes.get(), ".");
  std::erase_if(named, [&](const std::string& name) {
    return files::stat_at(volumes.get(), name + "/anonymous").has_value();
  });
  return named;
}

void remove_volume(const std::string& store_root, const std::string& name) {
  const std::string dir = store_root + "/volumes";
  const UniqueFd volumes = files::open_at(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY);
  if (!mount::is_volume_name(name) || !files::stat_at(volumes.get(), name)) {
    throw UsageError(cat("no volume ", name), "minirun volumes lists them");
  }
  for (const ContainerInfo& container : list_containers(store_root)) {
    const auto& used = container.state.volumes;
    if (std::find(used.begin(), used.end(), name) != used.end()) {
      throw UsageError(cat("volume ", name, " is used by container ", container.state.id),
                       cat("end or remove that first: minirun rm ", container.state.id));
    }
  }
  files::remove_tree(volumes.get(), name);
}

}  // namespace minirun
