#include "namespaces/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "namespaces/attendant.h"
#include "namespaces/raw_terminal.h"
#include "namespaces/relay.h"
#include "namespaces/signals.h"
#include "runner/base/error.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

/// Which signals are passed on: all but those that the caller has set to be ignored, as nohup(1)
/// does with SIGHUP and a script with SIGINT of what it starts by `&`. (They are blocked, and so
/// they would come all the same: signal(7), "Signal mask and pending signals".)
sigset_t passed_on();

/// Of two timeouts of poll(2), where -1 is for ever.
int sooner(int one, int other);

std::vector<int> signals_that_came(int signals);

}  // namespace

// LESSON: wait
void WaitChild::apply(Live& live) const {
  live.inside = {};  // or the pipes would not end with the program
  Relay relay(std::move(live.outside), terminal, interactive);
  std::optional<RawTerminal> raw;
  if (terminal && interactive) raw.emplace(STDIN_FILENO);
  Attendant attendant(*this, live, raw, relay);
  const sigset_t set = passed_on();
  const UniqueFd signals(check(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
  std::vector<pollfd> polled;
  while (live.child != -1 || !relay.is_drained()) {
    const int child = live.child == -1 ? -1 : live.child_pidfd.get();
    polled = {{signals.get(), POLLIN, 0}, {child, POLLIN, 0}};
    relay.add_to(polled);
    const int timeout = sooner(relay.timeout(), live.child == -1 ? -1 : attendant.timeout());
    if (::poll(polled.data(), polled.size(), timeout) == -1 && errno != EINTR) {
      throw SysError(errno, "poll");
    }
    relay.move(&polled[2]);
    if (live.child != -1) attendant.typed(relay.typed_signal(live.child));
    for (const int signal : signals_that_came(signals.get())) {
      if (live.child != -1) {
        attendant.pass_on(signal);
      } else if (ends_by_default(signal)) {
        return;  // nobody reads the rest of the output, and somebody wants the end
      }
    }
    if (live.child != -1) attendant.look_for_end();
  }
  live.note = relay.trouble();
}

// A signal that came (the script sets $came) ends the wait, but not the child. The output comes by
// cat(1), which ends when nobody holds the pipe any more.
std::string WaitChild::shell() const {
  std::string text = interactive ? "exec 4>&- 5>&- 6<&-\n" : "exec 4>&- 5>&-\n";
  if (stop_signal != SIGTERM) {
    text += cat("trap 'pass ", signal_name(stop_signal), " ", stop_signal, "' TERM\n");
  }
  if (!sig_proxy)
    text += cat("trap 'pass ", signal_name(stop_signal), " ", stop_signal,
                "' HUP INT QUIT\ntrap : USR1 USR2\n");
  return text +
         "# minirun would send KILL some time after TERM, if the program goes on\n"
         "came=yes\n"
         "while [ -n \"$came\" ]; do\n"
         "  came=\n"
         "  status=0\n"
         "  wait \"$child\" || status=$?\n"
         "done\n"
         "child=\n"
         "for relay in $relays; do wait \"$relay\" || :; done\n"
         "relays=";
}

// What poll(2) brings is passed on by pidfd_send_signal(2), splice(2) or write(2), and it waits
// again.
std::vector<std::string> WaitChild::calls() const {
  const std::string child = unknown("the child");
  std::vector<std::string> list;
  const auto sometimes = [&list](const std::string& text, const char* when) {
    list.push_back(cat(text, " /* if ", when, " */"));
  };
  const bool raw = terminal && interactive;
  if (terminal) {
    list.push_back(
        call("ioctl", unknown("the master"), "TIOCGPTPEER", unknown("O_RDWR|O_NOCTTY|O_CLOEXEC")));
  }
  if (raw) list.push_back(call("ioctl", 0, "TCSETS", "{...}"));
  append(list,
         {call("signalfd4", -1, unknown("all but the ignored ones"), 8, "SFD_CLOEXEC|SFD_NONBLOCK"),
          call("poll", "[{...}]", unknown("how many"), unknown("how long"))});
  if (!terminal) {
    sometimes(call("splice", unknown("read output"), "NULL", unknown("the caller's output"), "NULL",
                   1 << 20, "SPLICE_F_MOVE|SPLICE_F_NONBLOCK"),
              "there is any");
  }
  list.push_back(call("waitid", "P_PIDFD", child, "{...}", "WNOHANG|WEXITED", "NULL"));
  for (int turn = 0; turn < 2; ++turn) {
    sometimes(call("dup2", unknown("/dev/null"), unknown("0 or 1")),
              "your pipe there has no use any more");
  }
  if (raw) list.push_back(call("ioctl", 0, "TCSETS", "{...}"));
  return list;
}

std::string WaitChild::look() const { return {}; }  // the container has ended: nothing stands

namespace {

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

int sooner(int one, int other) {
  if (one == -1 || other == -1) return std::max(one, other);
  return std::min(one, other);
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

}  // namespace minirun::ns
