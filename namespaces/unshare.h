// New namespaces: those that a process can move into by itself. (A new pid namespace holds only
// those born into it, and the mount namespace must be there before anything else: clone.h.)
//
// Source: unshare(2); namespaces(7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// unshare(2): from here on the process, and all that it starts, has a new one of that kind.
struct NewNamespace {
  uint64_t flag = 0;  ///< CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET or CLONE_NEWCGROUP

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const NewNamespace&) const = default;
};

/// The kernel's names: "CLONE_NEWNS|CLONE_NEWPID".
std::string clone_flag_names(uint64_t flags);
/// For look(): the caller's namespace of each kind, and the container's.
std::string look_at_namespaces(uint64_t flags);
/// As unshare(1) has them: " --mount --pid".
std::string unshare_options(uint64_t flags);

}  // namespace minirun::ns
