// How the kernel schedules a process. Like limits, a process inherits this from its parent.
//
// Without this step, a container that is started under nice(1), chrt(1), ionice(1) or taskset(1)
// would be slower than another one. Under setarch(1) it would have another address space.
//
// Source: sched(7); nice(2); ioprio_set(2); sched_setaffinity(2); prctl(2) "PR_SET_TIMERSLACK";
// personality(2).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Sets what a login has: policy SCHED_OTHER, nice 0, no I/O class, every processor that the cpuset
/// of its cgroup allows, 50 microseconds of timer slack, and Linux's own personality. Comes before
/// the capabilities are dropped, because raising the priority needs CAP_SYS_NICE.
struct ResetScheduling {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ResetScheduling&) const = default;
};

}  // namespace minirun::ns
