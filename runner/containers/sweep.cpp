#include "runner/containers/sweep.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
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

/// Beside the directories there are symlinks to them: "@NAME" for a container's name, and "=ID" for
/// one that is kept and has ended. With such a mark a start need not look into the directory; it
/// only reads the two names.
bool is_link(const std::string& entry) { return entry.starts_with('@') || entry.starts_with('='); }
std::string kept_mark(const std::string& id) { return "=" + id; }

void mark_kept(int containers, const std::string& id) {
  const int made = ::symlinkat(id.c_str(), containers, kept_mark(id).c_str());
  if (made == -1 && errno != EEXIST) throw SysError(errno, cat("symlink ", kept_mark(id)));
}

void remove_mark(int containers, const std::string& id) {
  const int removed = ::unlinkat(containers, kept_mark(id).c_str(), 0);
  if (removed == -1 && errno != ENOENT) throw SysError(errno, cat("unlink ", kept_mark(id)));
}

UniqueFd open_containers(const std::string& store_root) {
  return files::open_at(AT_FDCWD, store_root + "/containers", O_RDONLY | O_DIRECTORY);
}

/// Of what the file says, only what minirun itself writes there is believed: a cgroup that has the
/// container's name, and volumes that are marked as anonymous.
ContainerState read_state(const std::string& store_root, int containers, const std::string& id) {
  ContainerState state;
  if (const auto file = files::open_if_exists(containers, id + "/state", O_RDONLY | O_NOFOLLOW)) {
    const std::string text = files::read_all(file->get(), id + "/state", max_state);
    state = ContainerState::from_json(text).value_or(state);
  }
  state.id = id;
  std::erase_if(state.cgroups, [&](const std::string& path) {
    return clean_absolute(path) != path || name_of(path) != "minirun-" + id;
  });
  std::erase_if(state.anonymous_volumes, [&](const std::string& name) {
    return !mount::is_volume_name(name) ||
           !files::stat_at(AT_FDCWD, cat(store_root, "/volumes/", name, "/anonymous"));
  });
  return state;
}

/// Processes first: while one lives it may still write.
void remove_with_all(const std::string& store_root, int containers, const ContainerState& state) {
  for (const std::string& cgroup : state.cgroups) ns::remove_cgroup(cgroup);
  Live live;
  for (const std::string& volume : state.anonymous_volumes) {
    mount::MakeVolume{store_root + "/volumes", volume, true}.undo(live);
  }
  if (!state.name.empty()) {
    ClaimName{store_root + "/containers", state.name, state.id, false}.undo(live);
  }
  files::remove_tree(containers, state.id);
  remove_mark(containers, state.id);
}

/// Removes a container whose runner has died, or marks it if it is kept; leaves one that runs.
void sweep(const std::string& store_root, int containers, const std::string& id) {
  const auto lock = files::lock_if_abandoned(containers, id);
  if (!lock) return;
  const ContainerState state = read_state(store_root, containers, id);
  if (state.keep) {
    mark_kept(containers, id);
  } else {
    remove_with_all(store_root, containers, state);
  }
}

/// Those of sorted `all` that are not in sorted `others`.
std::vector<std::string> difference(const std::vector<std::string>& all,
                                    const std::vector<std::string>& others) {
  std::vector<std::string> rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace

std::vector<std::string> sweep_containers(const std::string& store_root) {
  const UniqueFd containers = open_containers(store_root);
  std::vector<std::string> ids;
  std::vector<std::string> marked;
  for (std::string& entry : files::list_dir(containers.get(), ".")) {  // which sorts them
    if (entry.starts_with('=')) {
      marked.push_back(entry.substr(1));
    } else if (!entry.starts_with('@')) {
      ids.push_back(std::move(entry));
    }
  }
  std::vector<std::string> left;
  const auto attempt = [&left](const std::string& id, const auto& act) {
    try {
      act();
    } catch (const Error& error) {
      left.push_back(cat("container ", id, ": ", error.what(), error.hint().empty() ? "" : "; ",
                         error.hint()));
    }
  };
  for (const std::string& id : difference(marked, ids)) {
    attempt(id, [&] { remove_mark(containers.get(), id); });
  }
  for (const std::string& id : difference(ids, marked)) {
    attempt(id, [&] { sweep(store_root, containers.get(), id); });
  }
  return left;
}

std::string find_container(const std::string& store_root, const std::string& id_or_name) {
  std::string found;
  for (const ContainerInfo& container : list_containers(store_root)) {
    const ContainerState& state = container.state;
    if (state.id == id_or_name || (!state.name.empty() && state.name == id_or_name))
      return state.id;
    if (id_or_name.empty() || !state.id.starts_with(id_or_name)) continue;
    if (!found.empty())
      throw UsageError(cat("several containers begin with ", id_or_name), "give more of the id");
    found = state.id;
  }
  if (found.empty()) {
    throw UsageError(cat("no container ", id_or_name),
                     "minirun containers lists them; --keep keeps one");
  }
  return found;
}

void remove_container(const std::string& store_root, const std::string& id_or_name) {
  const std::string id = find_container(store_root, id_or_name);
  const UniqueFd containers = open_containers(store_root);
  const auto lock = files::lock_if_abandoned(containers.get(), id);
  if (!lock)
    throw UsageError(cat("container ", id, " is running"),
                     "end it first: stop its program, or its minirun");
  remove_with_all(store_root, containers.get(), read_state(store_root, containers.get(), id));
}

std::vector<ContainerInfo> list_containers(const std::string& store_root) {
  const UniqueFd containers = open_containers(store_root);
  std::vector<ContainerInfo> list;
  for (const std::string& entry : files::list_dir(containers.get(), ".")) {
    if (is_link(entry)) continue;
    const bool abandoned = files::lock_if_abandoned(containers.get(), entry).has_value();
    list.push_back({read_state(store_root, containers.get(), entry), !abandoned});
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
    strays.push_back({"containers/" + state.id, "its runner was killed"});
  }
  const UniqueFd containers = open_containers(store_root);
  for (const std::string& entry : files::list_dir(containers.get(), ".")) {
    if (!is_link(entry) || files::stat_at(containers.get(), entry + "/.")) continue;
    strays.push_back({"containers/" + entry, "the container of this name is gone"});
  }
  const UniqueFd volumes =
      files::open_at(AT_FDCWD, store_root + "/volumes", O_RDONLY | O_DIRECTORY);
  for (const std::string& name : files::list_dir(volumes.get(), ".")) {
    if (!files::stat_at(volumes.get(), name + "/anonymous") || volumes_in_use.contains(name))
      continue;
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
