#include "namespaces/close_fds.h"

#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"

namespace minirun::ns {

void CloseFds::apply(Live& /*live*/) const {
  check(::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC), "close_range 3-");
}

std::string CloseFds::shell() const {
  return "# no shell equivalent: sh can't name a descriptor above 9; close_range(2) does them all\n"
         "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";
}

std::vector<std::string> CloseFds::calls() const {
  return {call("close_range", 3U, ~0U, "CLOSE_RANGE_CLOEXEC")};
}

// O_CLOEXEC is 02000000 among the flags.
std::string CloseFds::look() const { return "grep flags /proc/$PID/fdinfo/*"; }

}  // namespace minirun::ns
