// The host's part while the program runs: relay what it reads and writes, pass signals on, wait,
// and say how it ended.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Waits until the program ends. Until then relays live.outside, and passes signals on to it, but
/// not those that the caller had set to be ignored. Then delivers the output that is left; nobody
/// outside the container who still holds the pipe is waited for. live.exit_status is what a shell
/// would say.
struct WaitChild {
  bool interactive = false;  ///< for the shell form: there is an input to relay

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const WaitChild&) const = default;
};

}  // namespace minirun::ns
