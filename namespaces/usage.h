// What a container has used, read from its cgroups after its end.
//
// Source: cgroup-v2.rst, "CPU Interface Files", "Memory Interface Files", "PID Interface Files";
// cgroup-v1/memory.rst, cpuacct.rst.
#pragma once

#include <string>
#include <vector>

#include "namespaces/hierarchy.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// Reads it into live.usage. If the kernel has killed a process for want of memory, live.note says
/// so. Host step, the last one: the cgroup is still there.
struct ReadUsage {
  std::vector<Cgroup> cgroups;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ReadUsage&) const = default;
};

}  // namespace minirun::ns
