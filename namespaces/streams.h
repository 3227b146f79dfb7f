// Standard input, output and error of the program: pipes of its own, which the runner relays.
//
// The caller's own descriptors would be a way to the caller's terminal and files: a program could
// read what is typed for the shell, or start a log from its beginning by opening /dev/stdout again.
//
// Source: pipe(7); proc(5) "/proc/pid/fd/"; null(4).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// A pipe for output, one for errors, and with -i one for input. They belong to the program's user,
/// who may then open /dev/stdout again. Their ends are live.inside and live.outside.
struct MakePipes {
  uid_t uid = 0;
  gid_t gid = 0;
  bool interactive = false;  ///< with a pipe for input
  std::string dir;           ///< the container's directory, for the shell form

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakePipes&) const = default;
};

/// stdin from /dev/null: without -i the program can't take what was typed for the caller's shell.
struct NullStdin {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const NullStdin&) const = default;
};

/// The pipes become 0 (with -i), 1 and 2.
struct UsePipes {
  bool interactive = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const UsePipes&) const = default;
};

}  // namespace minirun::ns
