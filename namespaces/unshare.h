// New namespaces that a process can enter by itself. (The pid and mount namespaces are made by
// clone.h: only a new process can be in a new pid namespace, and nothing may be mounted before the
// mount namespace exists.)
//
// Source: unshare(2); namespaces(7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// unshare(2): from here on the process and its children are in a new namespace of that kind.
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
/// For look(): prints the caller's namespace of each kind, and the container's.
std::string look_at_namespaces(uint64_t flags);
/// The options of unshare(1): " --mount --pid".
std::string unshare_options(uint64_t flags);

}  // namespace minirun::ns
