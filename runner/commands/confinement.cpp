#include "runner/commands/confinement.h"

#include <unistd.h>

#include <algorithm>

#include "namespaces/hierarchy.h"
#include "namespaces/limits.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/commands/given_devices.h"
#include "runner/commands/seccomp_file.h"

namespace minirun {
namespace {

constexpr uint64_t least_memory = 6 << 20;  // Docker's: with less, not even the child starts

/// Throws UsageError: what the option needs.
[[noreturn]] void refuse(std::string_view option, std::string_view text, std::string_view why,
                         const std::string& hint) {
  throw UsageError(cat(option, " ", printable(text), ": ", why), hint);
}

bool is_all(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'a' && (name[1] | 0x20) == 'l' &&
         (name[2] | 0x20) == 'l';
}

bool names_all(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), is_all);
}

/// What a value of --security-opt says: "seccomp=unconfined" or "seccomp:unconfined" (older).
struct SecurityOption {
  std::string_view name, value;
};

SecurityOption parse_security_option(std::string_view text) {
  const size_t separator = text.find_first_of("=:");
  if (separator == std::string_view::npos) return {text, ""};
  return {text.substr(0, separator), text.substr(separator + 1)};
}

void apply_security_option(std::string_view text, ContainerSpec& spec) {
  const SecurityOption option = parse_security_option(text);
  const auto wants = [&](std::string_view name, std::string_view value) {
    return option.name == name && option.value == value;
  };
  if (option.name == "no-new-privileges") {
    const auto value = option.value.empty() ? std::optional(true) : parse_bool(option.value);
    if (!value) {
      refuse("--security-opt", text, "true or false belongs behind no-new-privileges", "");
    }
    spec.no_new_privileges = *value;
  } else if (wants("seccomp", "unconfined")) {
    spec.filters_calls = false;
  } else if (wants("seccomp", "builtin")) {
    spec.filters_calls = true;
  } else if (wants("systempaths", "unconfined")) {
    spec.covers_paths = false;
  } else if (wants("apparmor", "unconfined") || wants("label", "disable")) {
    // so it is: minirun sets neither
  } else if (option.name == "apparmor" || option.name == "label") {
    refuse("--security-opt", text, "minirun sets no AppArmor profile and no SELinux label",
           "leave it out; the other guards stay (minirun explain caps, seccomp, masks)");
  } else if (option.name == "seccomp" && !option.value.empty()) {
    spec.filters_calls = true;
    spec.seccomp_program = ns::compile(read_seccomp_profile(std::string(option.value), spec.caps));
  } else {
    refuse("--security-opt", text, "unknown",
           "there are no-new-privileges=true|false, seccomp=unconfined, seccomp=FILE and "
           "systempaths=unconfined");
  }
}

// Limits

void check_memory(const ns::Resources& resources) {
  const auto& [memory, reservation, both, unlimited_swap, quota, shares, cpus, pids] = resources;
  for (const auto& [option, value] :
       {std::pair("--memory", memory), std::pair("--memory-reservation", reservation)}) {
    if (!value || *value >= least_memory) continue;
    throw UsageError(cat(option, " ", *value, ": a container needs 6 MiB at least"),
                     "6m is the least, as for Docker");
  }
  if ((both || unlimited_swap) && !memory) {
    throw UsageError("--memory-swap needs --memory: it is the sum of memory and swap",
                     "say both: -m 64m --memory-swap 128m");
  }
  if (both && *both < *memory) {
    throw UsageError("--memory-swap is less than --memory: it is the sum of memory and swap",
                     "the same number for both means no swap");
  }
  if (memory && reservation && *reservation > *memory) {
    throw UsageError("--memory-reservation is more than --memory", "it has to be less");
  }
}

void limit(const Options& options, ContainerSpec& spec) {
  spec.resources = options.resources;
  spec.cgroups = ns::choose_cgroups(cat("minirun-", spec.id), ns::controllers_for(spec.resources));
  const ns::Cgroup* cpuset = spec.cgroup_with("cpuset");
  if (cpuset != nullptr && cpuset->is_v1) {
    spec.cpuset_mems = files::read_file(AT_FDCWD, parent_of(cpuset->path) + "/cpuset.mems");
    if (spec.cpuset_mems.ends_with('\n')) spec.cpuset_mems.pop_back();
  }
  for (const std::string& text : options.ulimits) {
    const ns::Limit limit = ns::parse_limit(text);
    ns::set_limit(spec.limits, limit);
    spec.exact_limits.push_back(limit.resource);
  }
  spec.oom_score_adj = options.oom_score_adj;
  spec.shm_size = options.shm_size.value_or(spec.shm_size);
}

void share_namespaces(const Options& options, ContainerSpec& spec) {
  spec.host_pid = options.pid == "host";
  spec.host_ipc = options.ipc_mode == "host";
  spec.host_uts = options.uts_mode == "host";
  spec.host_cgroup = options.cgroupns_mode == "host";
  if (spec.host_pid && spec.cgroups.empty()) {
    throw Error("--pid host needs a cgroup: without a pid namespace only that names all processes",
                "mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup");
  }
}

void check_mode(std::string_view option, std::string_view value, std::string_view own) {
  if (value.empty() || value == "host" || value == own) return;
  refuse(option, value, "minirun has no such mode",
         cat("host: the host's own", own.empty() ? "" : cat("; ", own, ": one of its own"),
             "; without the option it is one of its own"));
}

}  // namespace

uint64_t parse_size(std::string_view text, std::string_view option) {
  static constexpr std::string_view units = "bkmg";
  std::string_view digits = text;
  uint64_t factor = 1;
  if (digits.size() > 2 && (digits.back() | 0x20) == 'b' &&
      units.find(static_cast<char>(digits[digits.size() - 2] | 0x20), 1) !=
          std::string_view::npos) {
    digits.remove_suffix(1);  // "64mb"
  }
  const char last = digits.empty() ? '\0' : static_cast<char>(digits.back() | 0x20);
  if (const size_t unit = units.find(last); unit != std::string_view::npos) {
    digits.remove_suffix(1);
    factor = uint64_t{1} << (10 * unit);
  }
  const auto number = parse_number(digits, UINT64_MAX / factor);
  if (!number || *number == 0) {
    refuse(option, text, "not a size", "a whole number, with b, k, m or g after it: 512m");
  }
  return *number * factor;
}

uint64_t parse_cpus(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  std::string digits(fraction.substr(0, 5));
  digits.resize(5, '0');  // a quota has microseconds: five places
  const std::string_view whole_text = text.substr(0, point);
  const auto whole =
      whole_text.empty() ? std::optional<uint64_t>(0) : parse_number(whole_text, 1 << 20);
  const auto part = parse_number(digits, 99999);
  const bool is_number = whole && part && text != "." && !text.empty() &&
                         fraction.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) refuse("--cpus", text, "not a number", "0.5 is half of one processor");
  const uint64_t quota = *whole * ns::cpu_period + *part;
  const auto there = static_cast<uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  if (quota < ns::cpu_period / 100 || quota > there * ns::cpu_period) {
    refuse("--cpus", text,
           cat("this machine has ", there, there == 1 ? " processor" : " processors"),
           cat("from 0.01 to ", there));
  }
  return quota;
}

std::string parse_cpu_list(std::string_view text) {
  for (const std::string_view part : split(text, ',')) {
    const size_t dash = part.find('-');
    const auto first = parse_number(part.substr(0, dash), 1 << 20);
    const auto last =
        dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1), 1 << 20);
    if (!first || !last || *first > *last) {
      refuse("--cpuset-cpus", text, "not a list of processors", "numbers from 0: 0-2,4");
    }
  }
  return std::string(text);
}

std::optional<uint64_t> parse_pids(std::string_view text) {
  if (text == "-1") return {};
  const auto number = parse_number(text, 1 << 22);  // PID_MAX_LIMIT
  if (!number) {
    refuse("--pids-limit", text, "not a number of processes", "a whole number; -1 is no limit");
  }
  return *number == 0 ? std::nullopt : number;
}

ns::CapSet resolve_caps(const std::vector<std::string>& added,
                        const std::vector<std::string>& dropped, ns::CapSet all) {
  const auto union_of = [](const std::vector<std::string>& names) {
    ns::CapSet caps = 0;
    for (const std::string& name : names) {
      if (!is_all(name)) caps |= ns::parse_cap(name);
    }
    return caps;
  };
  const ns::CapSet more = union_of(added), fewer = union_of(dropped);
  if (names_all(added)) return all & ~fewer;
  if (names_all(dropped)) return more;
  return (ns::default_caps() & ~fewer) | more;
}

void check_confinement(const Options& options) {
  ContainerSpec spec;
  spec.caps = resolve_caps(options.cap_add, options.cap_drop, ns::all_caps());
  for (const std::string& text : options.security_opts) apply_security_option(text, spec);
  for (const std::string& text : options.devices) parse_device(text);
  for (const std::string& text : options.ulimits) ns::parse_limit(text);
  check_memory(options.resources);
  check_mode("--pid", options.pid, "");
  check_mode("--ipc", options.ipc_mode, "private");
  check_mode("--uts", options.uts_mode, "");
  check_mode("--cgroupns", options.cgroupns_mode, "private");
  if (options.privileged && !options.cap_drop.empty()) {
    throw UsageError("--privileged gives all capabilities, and --cap-drop would take one",
                     "--cap-add ALL --cap-drop NAME gives all but one");
  }
  if (options.uts_mode == "host" && !options.hostname.empty()) {
    throw UsageError("--hostname and --uts host: the name would be the machine's own",
                     "leave one of them out");
  }
  if (options.ipc_mode == "host" && options.shm_size) {
    throw UsageError("--shm-size and --ipc host: /dev/shm is the host's, and has its size",
                     "leave one of them out");
  }
}

void confine(const Options& options, ContainerSpec& spec) {
  const ns::CapSet all = ns::bounding_caps();
  spec.caps = options.privileged ? all : resolve_caps(options.cap_add, options.cap_drop, all);
  if (options.privileged) {
    spec.privileged = true;
    spec.no_new_privileges = spec.filters_calls = spec.covers_paths = false;
    spec.notes.push_back(
        "--privileged: all capabilities and devices, no seccomp filter, nothing of /proc and /sys "
        "covered; root inside can do to this machine what root outside can");
  }
  for (const std::string& text : options.security_opts) apply_security_option(text, spec);
  spec.devices = given_devices(options);
  limit(options, spec);
  share_namespaces(options, spec);
}

}  // namespace minirun
