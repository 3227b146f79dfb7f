// The devices and links that every program expects in /dev.
//
// Source: Documentation/admin-guide/devices.txt; runtime-spec, config-linux.md "Default Devices".
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Makes character devices with mode 0666.
struct MakeNodes {
  struct Node {
    std::string path;  ///< absolute, in the container: "/dev/null"
    unsigned major = 0, minor = 0;
    bool operator==(const Node&) const = default;
  };
  std::string root;  ///< the merged directory, for the shell form
  std::vector<Node> nodes;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeNodes&) const = default;
};

/// A device of the host that the container is given, under a path of its own.
struct GivenDevice {
  std::string source;  ///< "/dev/kvm", for the shell form
  std::string path;    ///< absolute, in the container, below /dev
  char type = 'c';     ///< c (character) or b (block)
  unsigned major = 0, minor = 0;
  mode_t mode = 0666;  ///< these three: the host's
  uid_t uid = 0;
  gid_t gid = 0;
  std::string access = "rwm";  ///< what the device cgroup allows

  bool operator==(const GivenDevice&) const = default;
};

/// Makes nodes for given devices. One that has the path of another replaces it.
struct MakeDevices {
  std::string root;  ///< the merged directory, for the shell form
  std::vector<GivenDevice> devices;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeDevices&) const = default;
};

struct MakeLinks {
  struct Link {
    std::string path;    ///< absolute, in the container: "/dev/fd"
    std::string target;  ///< "/proc/self/fd"
    bool operator==(const Link&) const = default;
  };
  std::string root;
  std::vector<Link> links;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeLinks&) const = default;
};

}  // namespace minirun::mount
