#include "runner/flush.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {

namespace {

/// Without the caller's stdout, or `minirun IMAGE | cat` would wait for the disk; without any other
/// descriptor, or the container's lock would outlive its runner. noexcept: nothing may unwind from
/// here into the runner's own code.
[[noreturn]] void flush_in_background(const FlushLayers& flush) noexcept {
  ::close_range(3, ~0U, 0);
  const UniqueFd null = files::open_at(AT_FDCWD, "/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) ::dup2(null.get(), fd);
  ::setsid();
  image::Store(flush.store).make_durable(flush.chain);
  ::_exit(0);
}

}  // namespace

void FlushLayers::apply(Live& /*live*/) const {
  const pid_t pid = check(::fork(), "fork");
  if (pid != 0) {
    check(::waitpid(pid, nullptr, 0), "waitpid");
    return;
  }
  if (::fork() != 0)
    ::_exit(0);  // a fork within the fork: init is its parent, so nobody has to wait for it
  flush_in_background(*this);
}

std::string FlushLayers::shell() const {
  return cat("sync -f ", shell_quote(store), " > /dev/null 2>&1 8<&- &");
}

}  // namespace minirun
