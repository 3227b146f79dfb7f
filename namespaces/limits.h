// Limits that a process inherits: those of setrlimit(2), how soon the OOM killer kills it, and what
// is in its core dump.
//
// Without this step they are the caller's. Then a shell with ulimit -n 64, or a runner that is
// protected from the OOM killer, would make a different container.
//
// Source: getrlimit(2); proc(5), "/proc/[pid]/oom_score_adj".
#pragma once

#include <sys/resource.h>

#include <optional>
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

/// The limits that init(1) would give a service, for every resource of getrlimit(2) except
/// RLIMIT_SIGPENDING, which the kernel computes from the machine's memory. RLIMIT_NPROC is
/// unlimited because it counts all processes of a user on the machine; a cgroup's pids.max is the
/// right tool.
std::vector<Limit> default_limits();

/// From the value of --ulimit: "nofile=1024:2048", "core=0", "stack=-1" (unlimited). Sizes are in
/// the unit of setrlimit(2), as in Docker. Throws UsageError.
Limit parse_limit(std::string_view text);

/// Replaces the limit of the same resource by `limit`.
void set_limit(std::vector<Limit>& limits, const Limit& limit);

/// Sets the limits. Comes before the capabilities are dropped, because raising a hard limit needs
/// CAP_SYS_RESOURCE. If it can't be raised (no such capability, or more open files than
/// fs.nr_open), the inherited hard limit stays, and live.note says so if it matters for the
/// program. For a resource in `exact` this is an error. Also sets what a core dump holds (core(5),
/// "Controlling which mappings are written").
struct SetLimits {
  std::vector<Limit> limits;
  std::vector<int> exact;  ///< resources of --ulimit: if they can't be set, that is an error
  /// Whether /proc is mounted, for oom_score_adj. False with --skip proc: then /proc has the
  /// image's own files.
  bool has_proc = true;
  /// How soon the OOM killer takes the program, -1000 (never) to 1000. Without a value it is 0, or
  /// the caller's if that is higher and may not be lowered.
  std::optional<int> oom_score_adj = std::nullopt;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetLimits&) const = default;
};

}  // namespace minirun::ns
