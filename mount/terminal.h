// -t: a terminal of the container's own devpts. The program has it as 0, 1, 2 and /dev/console; the
// runner holds its other end, the master (pty(7)).
//
// It is opened by the child, in its own mount namespace, before anything of the image runs.
//
// Sources: pts(4); ioctl_tty(2) "TIOCGPTPEER"; unix(7) "SCM_RIGHTS"; runtime-spec, config.md
// "terminal".
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Makes the pair. live.inside.out is the terminal, which belongs to the program's user and has the
/// size of the caller's. The master goes to the runner over live.inside.socket.
struct MakeTerminal {
  std::string root;  ///< the merged directory, for the shell form
  uid_t uid = 0;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeTerminal&) const = default;
};

/// The terminal on /dev/console too, by its descriptor: no path of the image is followed
/// (CVE-2025-52565).
struct BindConsole {
  std::string root;  ///< the merged directory, for the shell form

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const BindConsole&) const = default;
};

}  // namespace minirun::mount
