// The child does the steps that the host asks for, until it becomes the program.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runner/plan/plan.h"

namespace minirun {

/// How far the child came, in memory that both processes see. A child that is killed can't report,
/// and the end of its socket looks the same as its becoming the program.
class Progress {
 public:
  Progress();  ///< throws SysError
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void begins(size_t index) { step_->store(static_cast<uint32_t>(index)); }
  /// The step that the child began last.
  size_t step() const { return step_->load(); }

 private:
  using Index = std::atomic<uint32_t>;
  static_assert(Index::is_always_lock_free);  // a lock would be each process's own
  Index* step_;
};

/// Performs the steps that the host asks for, until it becomes the program or the host asks no
/// more. It never returns into the host's code, whose stack it has a copy of, and leaves only by
/// execve(2) or _exit(2).
[[noreturn]] void obey(const Plan& plan, Live& live, Progress& progress) noexcept;

/// Says how a process ended that is ending now, and leaves it to be waited for.
std::string end_of(int pidfd);

}  // namespace minirun
