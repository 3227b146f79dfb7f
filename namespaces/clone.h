// Makes the child, in new namespaces, by one clone3(2).
//
// Sources: clone(2) "CLONE_INTO_CGROUP"; namespaces(7); pid_namespaces(7) "The namespace init
// process".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Starts the child in new namespaces (`flags`: CLONE_NEW*) and in the cgroup at `cgroup`. Returns
/// twice, as fork(2) does: live.child is 0 in the child. Each side gets its end of a socketpair as
/// live.channel. undo kills the child and reaps it. With the child, the kernel kills all processes
/// of its pid namespace.
struct CloneChild {
  uint64_t flags = 0;
  std::string cgroup;                   ///< a cgroup v2 directory, empty for the caller's own
  std::vector<std::string> v1_cgroups;  ///< joined before the child's first step
  bool terminal = false;                ///< for the shell form: by script(1)

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const CloneChild&) const = default;
};

}  // namespace minirun::ns
