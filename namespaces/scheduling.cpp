#include "namespaces/scheduling.h"

#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"

namespace minirun::ns {
namespace {

// linux/ioprio.h has it, and a parameter called `class`, which C++ can't read.
constexpr int ioprio_who_process = 1;
constexpr unsigned long timer_slack_ns = 50000;  // of init: INIT_TASK(), init/init_task.c
/// As many processors as any kernel supports. The kernel ignores those that don't exist.
constexpr std::array<uint64_t, 8192 / 64> every_processor = [] {
  std::array<uint64_t, 8192 / 64> mask{};
  mask.fill(~uint64_t{0});
  return mask;
}();

void check_allowed(long result, const char* attempt) {
  if (result != -1) return;
  const int number = errno;
  throw SysError(number, attempt,
                 number == EPERM ? "a better priority than the caller's takes CAP_SYS_NICE: start "
                                   "minirun without nice, chrt and ionice"
                                 : "");
}

}  // namespace

void ResetScheduling::apply(Live&) const {
  const struct sched_param none {};
  check_allowed(::sched_setscheduler(0, SCHED_OTHER, &none), "sched_setscheduler SCHED_OTHER");
  check_allowed(::setpriority(PRIO_PROCESS, 0, 0), "setpriority 0");
  check_allowed(::syscall(SYS_ioprio_set, ioprio_who_process, 0, 0), "ioprio_set none");
  check_allowed(::syscall(SYS_sched_setaffinity, 0, sizeof every_processor, every_processor.data()),
                "sched_setaffinity every processor");
  check(::prctl(PR_SET_TIMERSLACK, timer_slack_ns), "prctl PR_SET_TIMERSLACK");
  check(::personality(PER_LINUX), "personality PER_LINUX");
}

// renice(1) belongs to another package than the rest, and setarch(1) only adds.
std::string ResetScheduling::shell() const {
  return cat(
      "# no shell equivalent: for nice and for personality(2), where the caller has changed them\n"
      "$host ./bin/chrt --other --pid 0 $$\n"
      "$host ./bin/ionice -c 0 -p $$\n"
      "$host ./bin/taskset -p ffffffffffffffff $$ > /dev/null\n"
      "echo ",
      timer_slack_ns, " > /proc/self/timerslack_ns");
}

std::vector<std::string> ResetScheduling::calls() const {
  return {call("sched_setscheduler", 0, "SCHED_OTHER", "[0]"),
          call("setpriority", "PRIO_PROCESS", 0, 0),
          call("ioprio_set", "IOPRIO_WHO_PROCESS", 0, "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0)"),
          call("sched_setaffinity", 0, sizeof every_processor, unknown("every processor")),
          call("prctl", "PR_SET_TIMERSLACK", timer_slack_ns),
          call("personality", "PER_LINUX")};
}

std::string ResetScheduling::look() const {
  return "chrt -p $PID; taskset -p $PID; ionice -p $PID; cat /proc/$PID/personality";
}

}  // namespace minirun::ns
