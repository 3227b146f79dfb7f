// A new network namespace has one interface, lo, which is down. Its settings are the kernel's
// defaults, which are made for a machine that many people share: network_namespaces(7).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Switches lo on (SIOCSIFFLAGS, IFF_UP: netdevice(7)). Programs expect that 127.0.0.1 works.
struct LoopbackUp {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const LoopbackUp&) const = default;
};

/// Writes sysctls of net.* below /proc/sys in the container's root. They belong to the network
/// namespace of the process that writes. If this kernel doesn't have one, it is left out.
struct SetSysctls {
  struct Setting {
    std::string name;  ///< "net.ipv4.ping_group_range"
    std::string value;
    bool operator==(const Setting&) const = default;
  };
  std::string root;  ///< the merged directory, for the shell form
  std::vector<Setting> settings;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetSysctls&) const = default;
};

}  // namespace minirun::ns
