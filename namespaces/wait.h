// The host's part while the program runs: pass signals on, wait, and say how it ended.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Waits until the program ends and passes signals on to it, but not those that the caller had
/// set to be ignored; live.exit_status is what a shell would say.
struct WaitChild {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const WaitChild&) const = default;
};

}  // namespace minirun::ns
