#include "namespaces/resources.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "namespaces/hierarchy.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

void add(std::vector<Setting>& settings, const char* file, uint64_t value,
         std::string_view if_missing = {}) {
  settings.push_back({file, std::to_string(value), std::string(if_missing)});
}

std::string control_file(const std::string& cgroup);

/// Writes to a file of cgroupfs. Returns 0 or the errno.
int write_value(const std::string& path, const std::string& value);

/// A controller of cgroup v2 has its files in a group only if the group above lets it.
void enable(const std::string& controller, const std::string& cgroup);

std::string hint_for_limit(int number, const std::string& file);

}  // namespace

// LESSON: memory-limit, pids-limit, cpu-limit
void LimitResources::apply(Live& live) const {
  if (!is_v1) enable(controller, cgroup);
  for (const Setting& setting : settings) {
    const std::string path = cat(cgroup, "/", setting.file);
    const int number = write_value(path, setting.value);
    if (number == ENOENT && !setting.if_missing.empty()) {
      live.note = setting.if_missing;
    } else if (number != 0) {
      throw SysError(number, cat("write ", setting.value, " to ", path),
                     hint_for_limit(number, setting.file));
    }
  }
}

std::string LimitResources::shell() const {
  std::string text;
  if (!is_v1) text += cat("echo +", controller, " > ", shell_quote(control_file(cgroup)));
  for (const Setting& setting : settings) {
    const std::string path = shell_quote(cat(cgroup, "/", setting.file));
    if (!text.empty()) text += '\n';
    if (!setting.if_missing.empty()) text += cat("[ ! -e ", path, " ] || ");
    text += cat("echo ", shell_quote(setting.value), " > ", path);
  }
  return text;
}

std::vector<std::string> LimitResources::calls() const {
  std::vector<std::string> list;
  const auto write = [](const std::string& file, const std::string& value) {
    return call("write", unknown(file), c_string(value), value.size());
  };
  if (!is_v1) {
    append(list, only_if("it isn't enabled", {write(control_file(cgroup), "+" + controller)}));
  }
  for (const Setting& setting : settings) {
    const std::string made = write(setting.file, setting.value);
    append(list, setting.if_missing.empty() ? std::vector{made} : only_if("there", {made}));
  }
  return list;
}

std::string LimitResources::look() const {
  std::string paths;
  for (const Setting& setting : settings) {
    paths += cat(" ", shell_quote(cat(cgroup, "/", setting.file)));
  }
  return "head" + paths;
}

namespace {

constexpr std::string_view no_swap_file =
    "swap isn't limited: this kernel counts none (memory.swap.max, memory.memsw.limit_in_bytes)";

std::string control_file(const std::string& cgroup) {
  return parent_of(cgroup) + "/cgroup.subtree_control";
}

int write_value(const std::string& path, const std::string& value) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  const ssize_t written = ::write(file.get(), value.data(), value.size());
  return written == -1 ? errno : 0;
}

void enable(const std::string& controller, const std::string& cgroup) {
  const std::string path = control_file(cgroup);
  if (lists_controller(path, controller)) return;
  int number = write_value(path, "+" + controller);
  // If the parent has processes, pids or cpu turn it into a threaded group. Then no container can
  // start in it any more, with a limit or without. So it is taken back.
  const auto type = files::open_if_exists(AT_FDCWD, cgroup + "/cgroup.type", O_RDONLY);
  if (number == 0 && type &&
      files::read_all(type->get(), "cgroup.type", 64).starts_with("domain invalid")) {
    write_value(path, "-" + controller);
    number = EBUSY;
  }
  if (number == 0) return;
  throw SysError(number, cat("write +", controller, " to ", path),
                 number == EBUSY
                     ? cat("a group with controllers below it may have no processes of its own: "
                           "start minirun in a group inside ",
                           parent_of(cgroup),
                           " (in a systemd unit: DelegateSubgroup=, since 254); see cgroups(7), "
                           "\"no internal processes\"")
                     : "only who owns that group may enable a controller below it: cgroups(7), "
                       "\"Cgroup delegation\"");
}

std::string hint_for_limit(int number, const std::string& file) {
  if (number == EBUSY) return "the processes that are there use more than that already";
  if (file == "cpuset.cpus" && (number == EINVAL || number == ERANGE || number == EACCES)) {
    return "the machine, or a group above, has fewer processors: see "
           "/sys/devices/system/cpu/online";
  }
  return {};
}

std::vector<Setting> memory_settings(const Resources& resources, bool is_v1) {
  std::vector<Setting> settings;
  if (resources.memory_reservation) {
    add(settings, is_v1 ? "memory.soft_limit_in_bytes" : "memory.low",
        *resources.memory_reservation);
  }
  if (!resources.memory) return settings;
  add(settings, is_v1 ? "memory.limit_in_bytes" : "memory.max", *resources.memory);
  if (resources.unlimited_swap) return settings;
  const uint64_t twice = *resources.memory > UINT64_MAX / 2 ? UINT64_MAX : 2 * *resources.memory;
  const uint64_t both = resources.memory_and_swap.value_or(twice);
  if (is_v1) {
    add(settings, "memory.memsw.limit_in_bytes", both, no_swap_file);
  } else {
    add(settings, "memory.swap.max", both - *resources.memory, no_swap_file);
  }
  return settings;
}

std::vector<Setting> cpu_settings(const Resources& resources, bool is_v1) {
  std::vector<Setting> settings;
  if (resources.cpu_shares && is_v1) add(settings, "cpu.shares", *resources.cpu_shares);
  if (resources.cpu_shares && !is_v1) add(settings, "cpu.weight", weight_of(*resources.cpu_shares));
  if (!resources.cpu_quota) return settings;
  if (is_v1) {
    add(settings, "cpu.cfs_period_us", cpu_period);
    add(settings, "cpu.cfs_quota_us", *resources.cpu_quota);
  } else {
    settings.push_back({"cpu.max", cat(*resources.cpu_quota, " ", cpu_period), ""});
  }
  return settings;
}

}  // namespace

std::vector<std::string> controllers_for(const Resources& resources) {
  std::vector<std::string> needed;
  if (resources.memory || resources.memory_reservation) needed.emplace_back("memory");
  if (resources.cpu_quota || resources.cpu_shares) needed.emplace_back("cpu");
  if (!resources.cpus.empty()) needed.emplace_back("cpuset");
  if (resources.pids) needed.emplace_back("pids");
  return needed;
}

std::vector<Setting> settings_for(const Resources& resources, std::string_view controller,
                                  bool is_v1, const std::string& mems) {
  if (controller == "memory") return memory_settings(resources, is_v1);
  if (controller == "cpu") return cpu_settings(resources, is_v1);
  std::vector<Setting> settings;
  if (controller == "cpuset") {
    // In v1 a new group has no memory nodes, and no process can enter it.
    if (is_v1) settings.push_back({"cpuset.mems", mems, ""});
    settings.push_back({"cpuset.cpus", resources.cpus, ""});
  } else if (resources.pids) {
    add(settings, "pids.max", *resources.pids);
  }
  return settings;
}

uint64_t weight_of(uint64_t shares) { return 1 + (shares - 2) * 9999 / 262142; }

}  // namespace minirun::ns
