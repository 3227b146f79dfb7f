// The specification of a container. runner/commands/spec.cpp makes it of the image's config and the
// command line. Later code doesn't read the options.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/document/digest.h"
#include "mount/dev.h"
#include "namespaces/caps.h"
#include "namespaces/hierarchy.h"
#include "namespaces/limits.h"
#include "namespaces/resources.h"
#include "namespaces/user.h"

namespace minirun {

/// One mount that the user, or the image's Volumes, asks for.
struct MountSpec {
  enum class Kind { bind, volume, tmpfs };
  Kind kind = Kind::bind;
  std::string source;      ///< a host path (bind), a volume's name (empty: no name yet), "tmpfs"
  bool anonymous = false;  ///< a volume that is removed with its container
  std::string target;      ///< absolute and clean
  bool read_only = false;
  bool fill = true;           ///< of a volume: false with `nocopy`
  bool recursive = true;      ///< of a bind: also bind the mounts below the source
  bool follows_host = false;  ///< of a bind: also show later mounts of the host there (MS_SLAVE)
  bool make_source = false;   ///< of a bind: make it if it is missing (-v does, --mount does not)
  uint64_t attributes = 0;    ///< MOUNT_ATTR_*, of a tmpfs
  std::vector<std::string> options;  ///< of the file system, of a tmpfs: "size=64m"

  bool operator==(const MountSpec&) const = default;
};

struct ContainerSpec {
  std::string id;    ///< 12 random hexadecimal digits
  std::string name;  ///< --name; may be empty
  std::string hostname;

  // where its parts are on the host
  std::string store;  ///< the store's root directory
  /// The container's directory in the store. A kept one is apart, so that no start looks at it.
  std::string place() const { return (keep ? "kept/" : "containers/") + id; }
  std::string directory() const { return store + "/" + place(); }
  std::string image;  ///< its name, or what the user typed
  image::Digest image_id;
  std::vector<image::Digest> chain;  ///< its layers' chain ids
  std::vector<std::string> lower;    ///< the layers' short names, topmost first
  std::vector<ns::Cgroup> cgroups;   ///< its own, the one of v2 first
  /// The one that has this controller; null if none has it.
  const ns::Cgroup* cgroup_with(std::string_view controller) const {
    for (const ns::Cgroup& each : cgroups) {
      const auto& has = each.controllers;
      if (std::find(has.begin(), has.end(), controller) != has.end()) return &each;
    }
    return nullptr;
  }
  /// The directory of the cgroup of version 2; empty if there is none.
  std::string cgroup2() const {
    return cgroups.empty() || cgroups.front().is_v1 ? "" : cgroups.front().path;
  }

  // mode and owner of the root directory, from the topmost layer
  mode_t root_mode = 0755;
  uid_t root_uid = 0;
  gid_t root_gid = 0;

  // what runs
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string working_dir = "/";
  ns::UserSpec user;

  // what it may do
  ns::CapSet caps = 0;
  bool no_new_privileges = true;
  bool filters_calls = true;                   ///< seccomp
  std::vector<uint64_t> seccomp_program = {};  ///< of a profile of the user's; empty: minirun's own
  bool covers_paths = true;                    ///< of /proc and /sys
  bool privileged = false;                     ///< it may also write to /sys and has all devices

  // what it may use
  std::vector<ns::Limit> limits = ns::default_limits();
  std::vector<int> exact_limits;  ///< RLIMIT_*, those of --ulimit
  std::optional<int> oom_score_adj;
  uint64_t shm_size = 64 << 20;  ///< bytes
  ns::Resources resources;
  std::string cpuset_mems;  ///< the machine's memory nodes, where a cpuset of v1 is used
  std::vector<mount::GivenDevice> devices;

  // its surroundings
  std::vector<MountSpec> mounts;  ///< outer targets first
  bool host_network = false;      ///< these five: it shares the host's namespace
  bool host_pid = false;
  bool host_ipc = false;
  bool host_uts = false;
  bool host_cgroup = false;
  bool read_only = false;
  bool interactive = false;  ///< it reads what the caller's stdin brings
  bool terminal = false;     ///< it has a terminal of its own
  bool init = false;         ///< a small init is pid 1, and the program its child
  bool sig_proxy = true;     ///< signals that come to minirun are passed on
  int stop_signal = SIGTERM;
  int stop_timeout = 10;  ///< seconds until KILL; negative: never
  std::string hosts;      ///< the text of /etc/hosts
  std::string resolv_conf;

  std::vector<std::string> notes;  ///< notes for the user, a line each

  bool keep = false;
  bool flush = false;  ///< its layers still have to be flushed to disk
};

}  // namespace minirun
