// Standard input, output and error of the program: pipes of its own, or with -t a terminal of its
// own (mount/terminal.h). The runner relays what goes through them.
//
// The caller's own descriptors would be a way to the caller's terminal and files: a program could
// read what is typed for the shell, or start a log from its beginning by opening /dev/stdout again.
//
// Source: pipe(7); proc(5) "/proc/pid/fd/"; null(4); unix(7) "SCM_RIGHTS"; ioctl_tty(2).
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// A pipe for output, one for errors, and with -i one for input. Output and errors share one where
/// the caller's go to one place, so that their order is kept. The pipes belong to the program's
/// user, who may then open /dev/stdout again. Their ends are live.inside and live.outside.
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

/// With -t: the socketpair over which the child will hand the terminal's master to the host.
struct MakeTerminalSocket {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeTerminalSocket&) const = default;
};

/// With -t: the terminal becomes 0, 1 and 2, and the controlling terminal of the session.
struct UseTerminal {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const UseTerminal&) const = default;
};

/// With -t, on the host: takes the master, as live.outside.out.
struct TakeTerminal {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const TakeTerminal&) const = default;
};

}  // namespace minirun::ns
