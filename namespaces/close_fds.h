// What the caller left open is not for the program.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Marks every descriptor from 3 up close-on-exec (close_range(2), CLOSE_RANGE_CLOEXEC). So the
/// program doesn't get what the caller left open, and the channel stays open until the exec.
struct CloseFds {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const CloseFds&) const = default;
};

}  // namespace minirun::ns
