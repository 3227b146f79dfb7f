#include "runner/commands/progress.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {

void Progress::show(uint64_t done, uint64_t total) {
  const auto now = Clock::now();
  if (now < next_ || ::isatty(STDERR_FILENO) == 0) return;
  next_ = now + std::chrono::milliseconds(100);
  shown_ = true;
  std::string line = "\r\x1b[Kloading ";
  if (total == 0) {
    line += human_size(done);
  } else {
    constexpr uint64_t width = 40;
    const uint64_t filled = std::min(width, done * width / total);
    line += cat("[", std::string(filled, '#'), std::string(width - filled, '.'), "] ",
                done * 100 / total, "%  ", human_size(done), " of ", human_size(total));
  }
  static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()) == 0);
}

Progress::~Progress() {
  if (shown_) static_cast<void>(::write(STDERR_FILENO, "\r\x1b[K", 4) == 0);
}

}  // namespace minirun
