// Limits that a process hands down to its children: setrlimit(2)'s, how soon it is killed when
// memory runs out, and what is dumped when it crashes.
//
// They are the caller's if nobody sets them: a shell with ulimit -n 64 or a runner that is
// protected from the OOM killer would make another container than the next one.
//
// Source: getrlimit(2); proc(5), "/proc/[pid]/oom_score_adj".
#pragma once

#include <sys/resource.h>

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

struct Limit {
  int resource = RLIMIT_NOFILE;  ///< RLIMIT_*
  rlim_t soft = RLIM_INFINITY, hard = RLIM_INFINITY;

  bool operator==(const Limit&) const = default;
};

/// What init(1) would give a service, for every resource that getrlimit(2) has but
/// RLIMIT_SIGPENDING, which the kernel sizes by the machine's memory. Processes are unlimited:
/// RLIMIT_NPROC counts all of a user's on the machine, and a cgroup's pids.max is the right tool.
std::vector<Limit> default_limits();

/// From --ulimit's "nofile=1024:2048", "core=0", "stack=-1" (unlimited). Sizes are in the unit of
/// setrlimit(2), as with Docker. Throws UsageError.
Limit parse_limit(std::string_view text);

/// Puts `limit` in the place of the one of its resource.
void set_limit(std::vector<Limit>& limits, const Limit& limit);

/// Before the capabilities go: a hard limit can be raised with CAP_SYS_RESOURCE only. Without it,
/// and for an open-files limit above fs.nr_open, what is inherited stays the most that can be had,
/// unless `exact` has the resource; live.note tells of one that the program will feel. What a core
/// dump holds is set too (core(5), "Controlling which mappings are written").
struct SetLimits {
  std::vector<Limit> limits;
  std::vector<int> exact;  ///< resources of --ulimit: if they can't be had, that is an error
  /// Whether /proc is there, to set oom_score_adj. Not with --skip proc: then the image's own files
  /// are in its place.
  bool has_proc = true;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetLimits&) const = default;
};

}  // namespace minirun::ns
