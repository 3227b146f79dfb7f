// A network namespace begins with one interface, lo, and it is down, and with the kernel's own
// settings, which are for a machine that many share: network_namespaces(7).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// SIOCSIFFLAGS IFF_UP on lo: netdevice(7). Programs expect 127.0.0.1 to answer.
struct LoopbackUp {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const LoopbackUp&) const = default;
};

/// Writes sysctls below /proc/sys in the container's root: those of net.* that belong to the
/// network namespace of who writes. One that this kernel hasn't is passed over.
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
