#include "namespaces/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <optional>
#include <vector>

#include "namespaces/relay.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

/// Signals that end a process that does nothing about them: signal(7), "Standard signals".
bool ends_by_default(int signal) {
  switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return false;
    default:
      return true;
  }
}

/// Whether a mask in /proc/PID/status ("SigCgt:\t0000000180000002") holds the signal.
bool in_mask(std::string_view status, std::string_view field, int signal) {
  const size_t at = status.find(field);
  if (at == std::string_view::npos) return false;
  const uint64_t mask = std::strtoull(status.data() + at + field.size(), nullptr, 16);
  return ((mask >> (signal - 1)) & 1) != 0;
}

/// The kernel drops a signal to pid 1 that pid 1 has no handler for (pid_namespaces(7)), so Ctrl-C
/// would do nothing to `sleep 1000`. A person who presses it wants the program to end, as it would
/// without a container.
bool dropped_by_pid1(pid_t child, int signal) {
  if (!ends_by_default(signal)) return false;
  const auto fd = files::open_if_exists(AT_FDCWD, cat("/proc/", child, "/status"), O_RDONLY);
  if (!fd) return false;
  const std::string status = files::read_all(fd->get(), "/proc/PID/status", 1 << 16);
  return !in_mask(status, "SigCgt:", signal) && !in_mask(status, "SigIgn:", signal) &&
         !in_mask(status, "SigBlk:", signal);
}

std::optional<int> exit_status_of(int pidfd) {
  siginfo_t info{};
  check(::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG), "waitid");
  if (info.si_pid == 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

/// Which signals are passed on: all but those that the caller has set to be ignored, as nohup(1)
/// does with SIGHUP and a script with SIGINT of what it starts by `&`. (They are blocked, and so
/// they would come all the same: signal(7), "Signal mask and pending signals".)
sigset_t passed_on() {
  sigset_t set;
  ::sigfillset(&set);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
      ::sigdelset(&set, signal);
    }
  }
  return set;
}

std::vector<int> signals_that_came(int signals) {
  std::vector<int> list;
  signalfd_siginfo got{};
  while (::read(signals, &got, sizeof got) == sizeof got) {
    if (got.ssi_signo != SIGCHLD) list.push_back(static_cast<int>(got.ssi_signo));
  }
  return list;
}

}  // namespace

void WaitChild::apply(Live& live) const {
  live.inside = {};  // or the pipes would not end with the program
  Relay relay(std::move(live.outside));
  const sigset_t set = passed_on();
  const UniqueFd signals(check(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
  int ended_by = 0;  // the signal that we turned into a kill
  std::vector<pollfd> polled;
  while (live.child != -1 || !relay.is_drained()) {
    polled = {{signals.get(), POLLIN, 0},
              {live.child == -1 ? -1 : live.child_pidfd.get(), POLLIN, 0}};
    relay.add_to(polled);
    if (::poll(polled.data(), polled.size(), relay.timeout()) == -1 && errno != EINTR) {
      throw SysError(errno, "poll");
    }
    relay.move(&polled[2]);
    for (const int signal : signals_that_came(signals.get())) {
      if (live.child == -1) {
        if (ends_by_default(signal)) return;  // nobody reads the rest, and somebody wants the end
        continue;
      }
      const bool kill = dropped_by_pid1(live.child, signal);
      if (kill) ended_by = signal;
      ::syscall(SYS_pidfd_send_signal, live.child_pidfd.get(), kill ? SIGKILL : signal, nullptr, 0);
    }
    if (live.child == -1) continue;
    if (const auto status = exit_status_of(live.child_pidfd.get())) {
      live.exit_status = *status == 128 + SIGKILL && ended_by != 0 ? 128 + ended_by : *status;
      live.child = -1;
    }
  }
  live.note = relay.trouble();
}

// A signal that came (the script sets $came) ends the wait, but not the child. The output comes by
// cat(1), which ends when nobody holds the pipe any more.
std::string WaitChild::shell() const {
  return cat(interactive ? "exec 4>&- 5>&- 6<&-\n" : "exec 4>&- 5>&-\n",
             "came=yes\n"
             "while [ -n \"$came\" ]; do\n"
             "  came=\n"
             "  status=0\n"
             "  wait \"$child\" || status=$?\n"
             "done\n"
             "child=\n"
             "for relay in $relays; do wait \"$relay\" || :; done\n"
             "relays=");
}

// What poll(2) brings is passed on by pidfd_send_signal(2) or splice(2), and it waits again.
std::vector<std::string> WaitChild::calls() const {
  const std::string child = unknown("the child");
  const std::string null = cat(call("dup2", unknown("/dev/null"), unknown("0 or 1")),
                               " /* if the caller's pipe is let go */");
  return {call("signalfd4", -1, unknown("all but the ignored ones"), 8, "SFD_CLOEXEC|SFD_NONBLOCK"),
          call("poll", "[{...}]", unknown("how many"), unknown("how long")),
          call("splice", unknown("read output"), "NULL", unknown("the caller's output"), "NULL",
               1 << 20, "SPLICE_F_MOVE|SPLICE_F_NONBLOCK") +
              " /* if there is any */",
          call("waitid", "P_PIDFD", child, "{...}", "WNOHANG|WEXITED", "NULL"),
          null,
          null};
}

std::string WaitChild::look() const { return {}; }  // the container has ended: nothing stands

}  // namespace minirun::ns
