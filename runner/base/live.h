// The few facts that are known only while a plan runs. Keep them few: all else belongs in the plan.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "runner/base/unique_fd.h"

namespace minirun {

/// One side's ends of what carries the program's standard streams. With -t `out` alone is open, and
/// is the terminal or its master.
struct Streams {
  UniqueFd in, out, err;
  UniqueFd socket;  ///< with -t: over it the child hands the master to the host
};

/// What a container has used; a value is absent where no cgroup counts it.
struct Usage {
  std::optional<uint64_t> cpu_us;        ///< processor time, of all its processes
  std::optional<uint64_t> memory_peak;   ///< bytes
  std::optional<uint64_t> memory_limit;  ///< bytes
  std::optional<uint64_t> pids_peak;
  uint64_t oom_kills = 0;  ///< processes that the kernel killed for want of memory
};

struct Live {
  UniqueFd lock;     ///< host: the container's directory, locked (flock(2)) while its runner lives
  pid_t child = -1;  ///< host: the child's pid; -1 before clone and after it was reaped
  UniqueFd child_pidfd;  ///< host: names the child even if its pid is used again (pidfd_open(2))
  UniqueFd channel;      ///< each side's end of the socketpair; runner/run/channel.h
  Streams inside;        ///< these become the program's 0, 1 and 2
  Streams outside;       ///< host: the other ends, which step `wait` relays
  UniqueFd root;         ///< child: the merged root, in which every path of the image is resolved
  std::string note;      ///< what the current step tells a person, besides its success
  Usage usage;           ///< host: known after step `usage`
  bool undo_failed =
      false;             ///< host: something is left, and only the container's directory names it
  int exit_status = -1;  ///< host: the program's, in the form of a shell; -1 until it is known
};

}  // namespace minirun
