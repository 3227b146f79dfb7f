// A bar on the terminal, for a load that takes longer than a person waits without wondering.
#pragma once

#include <chrono>
#include <cstdint>

namespace minirun {

class Progress {
 public:
  /// `total` 0: unknown, then only the bytes are shown. Does nothing where stderr is no terminal,
  /// or within the first second.
  void show(uint64_t done, uint64_t total);
  ~Progress();  ///< wipes the line

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + std::chrono::seconds(1);
  bool shown_ = false;
};

}  // namespace minirun
