// A network namespace begins with one interface, lo, and it is down: network_namespaces(7).
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

}  // namespace minirun::ns
