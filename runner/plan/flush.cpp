#include "runner/plan/flush.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun {

namespace {

/// Without the caller's stdout, or `minirun IMAGE | cat` would wait for the disk; without any other
/// descriptor, or the container's lock would outlive its runner. Where it fails there is nobody to
/// tell: the layers are not marked durable, so the next start of the image tries again.
[[noreturn]] void flush_in_background(const FlushLayers& flush) noexcept {
  ::close_range(3, ~0U, 0);
  try {
    const UniqueFd null = files::open_at(AT_FDCWD, "/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; ++fd) ::dup2(null.get(), fd);
    ::setsid();
    const auto store = image::Store::open_if_exists(flush.store);
    if (store) store->make_durable(flush.chain);
  } catch (const std::exception&) {
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

// LESSON: flush-layers
void FlushLayers::apply(Live& /*live*/) const {
  const pid_t pid = ::fork();
  if (pid == -1) {
    const int number = errno;
    throw SysError(number, "fork",
                   number == EAGAIN ? "a limit on processes is reached: see ulimit -u and pids.max "
                                      "of the cgroup"
                                    : "");
  }
  if (pid != 0) {
    check(::waitpid(pid, nullptr, 0), "waitpid");
    return;
  }
  if (::fork() != 0)
    ::_exit(0);  // a second fork: init becomes the parent, so minirun needn't wait for it
  flush_in_background(*this);
}

std::string FlushLayers::shell() const {
  return cat("sync -f ", shell_quote(store), " > /dev/null 2>&1 8<&- &");
}

std::vector<std::string> FlushLayers::calls() const {
  const std::string fork =
      call("clone", cat("child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
                        "child_tidptr=",
                        unknown("where to put it")));
  std::vector<std::string> list = {fork, call("wait4", unknown("its pid"), "NULL", 0, "NULL")};
  for (const std::string& later :
       {fork, call("close_range", 3, ~0U, 0),
        call("openat", "AT_FDCWD", c_string("/dev/null"), "O_RDWR|O_CLOEXEC"),
        call("dup2", unknown("/dev/null"), 0), call("dup2", unknown("/dev/null"), 1),
        call("dup2", unknown("/dev/null"), 2), call("setsid"), call("syncfs", unknown(store))}) {
    list.push_back(later + " /* in the background */");
  }
  return list;
}

// Shows how much isn't on the disk yet. The process ends by itself, and minirun doesn't wait for
// it.
std::string FlushLayers::look() const { return "grep -E '^(Dirty|Writeback):' /proc/meminfo"; }

}  // namespace minirun
