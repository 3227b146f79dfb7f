// How the kernel schedules a process: inherited like a limit, and as silently.
//
// Under nice(1), chrt(1), ionice(1) or taskset(1) the container would be slower than the next one,
// and under setarch(1) it would have another address space.
//
// Source: sched(7); nice(2); ioprio_set(2); sched_setaffinity(2); prctl(2) "PR_SET_TIMERSLACK";
// personality(2).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// What a login would have: policy SCHED_OTHER, nice 0, no I/O class of its own, every processor
/// that the cpuset of its cgroup allows, 50 microseconds of timer slack, and Linux's own
/// personality. Before the capabilities go: a better priority than the caller's takes CAP_SYS_NICE.
struct ResetScheduling {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ResetScheduling&) const = default;
};

}  // namespace minirun::ns
