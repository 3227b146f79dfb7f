#include "namespaces/hierarchy.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

bool is_cgroup2(const char* path) {
  struct statfs fs {};
  return ::statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/// Where the whole hierarchy is mounted (another root than "/" shows a part of it), of this file
/// system type and with this option, if one is asked for: proc(5), "/proc/[pid]/mountinfo".
std::optional<std::string> find_hierarchy(std::string_view type, std::string_view option) {
  const auto mountinfo = files::open_at(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  const std::string mounts = files::read_all(mountinfo.get(), "/proc/self/mountinfo", 64 << 20);
  for (const std::string_view line : split(mounts, '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 10 || fields.end() - dash < 4) continue;
    const auto options = split(dash[3], ',');
    const bool fits =
        option.empty() || std::find(options.begin(), options.end(), option) != options.end();
    if (dash[1] == type && fields[3] == "/" && fits) return std::string(fields[4]);
  }
  return {};
}

/// Adds the container's group in a hierarchy; two controllers of v1 may be mounted together.
void use(std::vector<Cgroup>& cgroups, const std::string& path, const std::string& controller) {
  const auto same = std::find_if(cgroups.begin(), cgroups.end(),
                                 [&path](const Cgroup& other) { return other.path == path; });
  if (same != cgroups.end()) {
    same->controllers.push_back(controller);
  } else {
    cgroups.push_back({path, true, {controller}});
  }
}

/// A manager that delegates a group leaves all below it to others, and marks it so (systemd does;
/// systemd.resource-control(5), Delegate=). Returns the nearest such group that we are in, as its
/// path in the hierarchy; "" if all of it is ours.
std::string delegated_group(const std::string& mount) {
  const std::string own = files::read_file(AT_FDCWD, "/proc/self/cgroup");
  for (const std::string_view line : split(own, '\n')) {
    if (!line.starts_with("0::/")) continue;
    for (std::string group(line.substr(3)); group != "/"; group = parent_of(group)) {
      for (const char* name : {"trusted.delegate", "user.delegate"}) {
        char value = 0;
        if (::getxattr((mount + group).c_str(), name, &value, 1) == 1 && value == '1') return group;
      }
    }
  }
  return {};
}

}  // namespace

std::optional<std::string> cgroup2_mount() {
  // The two usual places are asked first: mountinfo takes the kernel longer to write than all the
  // rest here.
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (is_cgroup2(path)) return path;
  }
  return find_hierarchy("cgroup2", {});
}

std::optional<std::string> cgroup1_mount(std::string_view controller) {
  return find_hierarchy("cgroup", controller);
}

bool lists_controller(const std::string& file, std::string_view controller) {
  const std::string text = files::read_file(AT_FDCWD, file);
  const auto words = split(std::string_view(text).substr(0, text.find('\n')), ' ');
  return std::find(words.begin(), words.end(), controller) != words.end();
}

std::vector<Cgroup> choose_cgroups(const std::string& name,
                                   const std::vector<std::string>& needed) {
  std::vector<Cgroup> cgroups;
  const auto v2 = cgroup2_mount();
  std::string of_v2;  // the file of its controllers
  if (v2) {
    const std::string parent = *v2 + delegated_group(*v2);
    cgroups.push_back({cat(parent, "/", name), false, {}});
    of_v2 = parent + "/cgroup.controllers";
  } else if (const auto v1 = cgroup1_mount("devices")) {
    use(cgroups, cat(*v1, "/", name), "devices");
  }
  for (const std::string& controller : needed) {
    if (v2 && lists_controller(of_v2, controller)) {
      cgroups.front().controllers.push_back(controller);
    } else if (const auto v1 = cgroup1_mount(controller)) {
      use(cgroups, cat(*v1, "/", name), controller);
    } else {
      throw Error(
          cat("no cgroup hierarchy here has the controller ", controller,
              ", which this limit needs"),
          "cat /sys/fs/cgroup/cgroup.controllers lists those of cgroup v2, and /proc/cgroups "
          "those of the kernel; leave the limit out, or use a machine that has it");
    }
  }
  return cgroups;
}

}  // namespace minirun::ns
