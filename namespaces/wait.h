// The host's part while the program runs: relay what it reads and writes, pass signals on, wait,
// and say how it ended.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Waits until the program ends. Until then it relays live.outside, and passes signals on, but not
/// those that the caller had set to be ignored. With -it the caller's terminal is raw meanwhile.
/// Then it delivers the output that is left, and does not wait for somebody outside the container
/// who still holds the pipe. live.exit_status is what a shell would say.
///
/// SIGTERM asks us to end: the program gets `stop_signal`, and SIGKILL if it still runs after
/// `stop_timeout`.
struct WaitChild {
  bool interactive = false;  ///< there is input to relay
  bool terminal = false;     ///< the program has a terminal, and live.outside.out is its master
  bool sig_proxy = true;     ///< false: the program gets no signal of ours but `stop_signal`, and
                             ///< INT, HUP and QUIT ask us to end as well
  int stop_signal = SIGTERM;
  int stop_timeout = 10;  ///< seconds; negative: no end

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const WaitChild&) const = default;
};

}  // namespace minirun::ns
