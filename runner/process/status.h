// What /proc/PID/status and its neighbours say of a process: ids, capabilities, seccomp, the pids
// that it has in each pid namespace, its maps of ids, its cgroups.
//
// Text in, values out: nothing here reads a file.
//
// Source: proc(5), "/proc/[pid]/status"; user_namespaces(7), "User and group ID mappings";
// cgroups(7), "/proc files".
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/caps.h"

namespace minirun::ns {

/// A process's four user ids, or group ids, as the reader's user namespace knows them.
struct Ids {
  uint32_t real = 0, effective = 0, saved = 0, fs = 0;
  bool operator==(const Ids&) const = default;
};

struct ProcessStatus {
  std::string state;  ///< "S (sleeping)"
  pid_t tgid = 0, parent = 0;
  uint64_t threads = 0;
  std::vector<uint64_t> pids;  ///< NSpid: the reader's first, the innermost namespace's last
  Ids uid, gid;
  std::vector<uint32_t> groups;
  CapSet inheritable = 0, permitted = 0, effective = 0, bounding = 0, ambient = 0;
  bool no_new_privs = false;
  int seccomp = 0;                          ///< SECCOMP_MODE_*
  std::optional<uint64_t> seccomp_filters;  ///< since Linux 5.9

  bool is_zombie() const { return state.starts_with('Z') || state.starts_with('X'); }
};
ProcessStatus parse_status(std::string_view text);

/// A line of /proc/PID/limits; getrlimit(2).
struct ProcessLimit {
  std::string name;                    ///< "Max open files"
  std::optional<uint64_t> soft, hard;  ///< what holds, and how far it may raise it; nullopt: no end
  std::string unit;                    ///< "files"; empty for priorities

  bool operator==(const ProcessLimit&) const = default;
};
std::vector<ProcessLimit> parse_limits(std::string_view text);

/// From /proc/PID/stat: whether it is one of the kernel's own threads (PF_KTHREAD). Its name, in
/// parentheses, may hold anything.
bool is_kernel_thread(std::string_view stat);

/// A line of uid_map or gid_map.
struct IdRange {
  uint32_t inside = 0, outside = 0, count = 0;
  bool operator==(const IdRange&) const = default;
};
std::vector<IdRange> parse_id_map(std::string_view text);
/// Whether every id is itself, as in the first user namespace.
bool is_identity(const std::vector<IdRange>& map);
/// What an id outside is inside; nullopt if it isn't mapped.
std::optional<uint32_t> id_inside(const std::vector<IdRange>& map, uint32_t outside);

/// A line of /proc/PID/cgroup.
struct CgroupPath {
  uint64_t hierarchy = 0;                ///< 0: cgroup v2
  std::vector<std::string> controllers;  ///< of v1: "cpu", "cpuacct"; "name=systemd"
  std::string path;                      ///< from the root of the reader's cgroup namespace
  bool operator==(const CgroupPath&) const = default;
};
std::vector<CgroupPath> parse_cgroups(std::string_view text);

/// From "mnt:[4026531841]", what a link in /proc/PID/ns says: 4026531841.
std::optional<uint64_t> namespace_inode(std::string_view link);

}  // namespace minirun::ns
