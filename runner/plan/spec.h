// What the container shall be: the image's config and the command line, made one (by
// runner/commands/spec.cpp). No flag is looked at after this.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/document/digest.h"
#include "namespaces/caps.h"
#include "namespaces/user.h"

namespace minirun {

/// One thing that the user, or the image's Volumes, wants to have mounted.
struct MountSpec {
  enum class Kind { bind, volume, tmpfs };
  Kind kind = Kind::bind;
  std::string
      source;  ///< a host path (bind), a volume's name (empty: nobody named it yet), "tmpfs"
  bool anonymous = false;  ///< a volume that goes with its container
  std::string target;      ///< absolute and clean
  bool read_only = false;
  bool fill = true;           ///< of a volume: `nocopy` says no
  bool recursive = true;      ///< of a bind: with what is mounted below the source
  bool follows_host = false;  ///< of a bind: with what the host mounts there later (MS_SLAVE)
  bool make_source = false;   ///< of a bind: make it if it is missing (-v does, --mount does not)
  uint64_t attributes = 0;    ///< MOUNT_ATTR_*, of a tmpfs
  std::vector<std::string> options;  ///< of the file system, of a tmpfs: "size=64m"

  bool operator==(const MountSpec&) const = default;
};

struct ContainerSpec {
  std::string id;    ///< 12 random hexadecimal digits
  std::string name;  ///< --name; may be empty
  std::string hostname;

  // where its parts lie on the host
  std::string store;  ///< the store's root directory
  std::string image;  ///< what people call it
  image::Digest image_id;
  std::vector<image::Digest> chain;   ///< its layers' chain ids
  std::vector<std::string> lower;     ///< the layers' short names, topmost first
  std::optional<std::string> cgroup;  ///< its cgroup directory, where cgroup v2 is mounted
  std::string v1_devices;  ///< of cgroup v1's controller `devices`, where there is only that
  std::vector<std::string> cgroups() const {  ///< those that there are
    std::vector<std::string> all;
    if (cgroup) all.push_back(*cgroup);
    if (!v1_devices.empty()) all.push_back(v1_devices);
    return all;
  }

  // the root directory's own look, as the topmost layer has it
  mode_t root_mode = 0755;
  uid_t root_uid = 0;
  gid_t root_gid = 0;

  // what runs
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string working_dir = "/";
  ns::UserSpec user;
  ns::CapSet caps = 0;

  // its surroundings
  std::vector<MountSpec> mounts;  ///< outer targets first
  bool host_network = false;
  bool read_only = false;
  bool interactive = false;  ///< it reads what the caller's stdin brings
  bool terminal = false;     ///< it has a terminal of its own
  std::string hosts;         ///< the text of /etc/hosts
  std::string resolv_conf;

  std::vector<std::string> notes;  ///< what the user should be told, a line each

  bool keep = false;
  bool flush = false;  ///< its layers still have to be flushed to disk
};

}  // namespace minirun
