#include "namespaces/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <optional>
#include <vector>

#include "namespaces/raw_terminal.h"
#include "namespaces/relay.h"
#include "namespaces/signals.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Clock::time_point never = Clock::time_point::max();

/// Looks after the program while it runs.
class Attendant {
 public:
  Attendant(const WaitChild& op, Live& live, std::optional<RawTerminal>& raw, Relay& relay)
      : op_(op), live_(live), raw_(raw), relay_(relay) {}

  /// A signal came for us: the program gets it, or what a person expects of it happens.
  void pass_on(int signal);
  /// The key for a signal was typed, and the kernel sent that signal; 0: none.
  void typed(int signal);
  /// live.exit_status and live.child, as soon as the program has ended. Kills it if it was asked to
  /// end too long ago.
  void look_for_end();
  /// Milliseconds until it is to be killed; -1: it isn't.
  int timeout() const;

 private:
  void send(int signal) {
    ::syscall(SYS_pidfd_send_signal, live_.child_pidfd.get(), signal, nullptr, 0);
  }
  bool asks_to_end(int signal) const;
  void ask_to_end(int signal);
  void end_by(int signal);
  void stop();

  const WaitChild& op_;
  Live& live_;
  std::optional<RawTerminal>& raw_;
  Relay& relay_;
  int ended_by_ = 0;  // the signal that we turned into a kill
  Clock::time_point kill_at_ = never;
};

/// Signals that end a process that does nothing about them: signal(7), "Standard signals".
bool ends_by_default(int signal);

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

/// Whether the program has said what it does at this signal: a handler, ignored, or blocked.
bool handles(pid_t child, int signal) {
  const auto fd = files::open_if_exists(AT_FDCWD, cat("/proc/", child, "/status"), O_RDONLY);
  if (!fd) return true;
  const std::string status = files::read_all(fd->get(), "/proc/PID/status", 1 << 16);
  return in_mask(status, "SigCgt:", signal) || in_mask(status, "SigIgn:", signal) ||
         in_mask(status, "SigBlk:", signal);
}

std::optional<int> exit_status_of(int pidfd) {
  siginfo_t info{};
  check(::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG), "waitid");
  if (info.si_pid == 0) return std::nullopt;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

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

void Attendant::pass_on(int signal) {
  if (asks_to_end(signal)) return ask_to_end(signal);
  if (signal == SIGWINCH && relay_.resize()) return;  // and the kernel tells who is in it
  if (signal == SIGCONT && raw_) raw_->set();         // the shell has set its own modes meanwhile
  if (signal == SIGTSTP && !handles(live_.child, signal)) return stop();
  if (!op_.sig_proxy) return;
  if (ends_by_default(signal) && !handles(live_.child, signal)) return end_by(signal);
  send(signal);
}

bool Attendant::asks_to_end(int signal) const {
  if (signal == SIGTERM) return true;
  return !op_.sig_proxy && (signal == SIGINT || signal == SIGHUP || signal == SIGQUIT);
}

void Attendant::ask_to_end(int signal) {
  if (ends_by_default(op_.stop_signal) && !handles(live_.child, op_.stop_signal)) {
    return end_by(signal);
  }
  send(op_.stop_signal);
  if (op_.stop_timeout >= 0 && kill_at_ == never) {
    kill_at_ = Clock::now() + std::chrono::seconds(op_.stop_timeout);
  }
}

int Attendant::timeout() const {
  if (kill_at_ == never) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(kill_at_ - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

void Attendant::typed(int signal) {
  if (signal != 0 && !handles(live_.child, signal)) end_by(signal);
}

/// The kernel drops a signal to pid 1 that pid 1 has no handler for (pid_namespaces(7)), so Ctrl-C
/// would do nothing to `sleep 1000`. A person who presses it wants the program to end, as it would
/// without a container.
void Attendant::end_by(int signal) {
  ended_by_ = signal;
  send(SIGKILL);
}

/// Ctrl-Z, where the terminal is not raw: the program's group stops, and so do we, until `fg`.
void Attendant::stop() {
  if (raw_) raw_->restore();
  ::kill(-live_.child, SIGSTOP);
  ::raise(SIGSTOP);
  ::kill(-live_.child, SIGCONT);
  if (raw_) raw_->set();
}

void Attendant::look_for_end() {
  if (Clock::now() >= kill_at_) {
    kill_at_ = never;
    send(SIGKILL);
  }
  if (const auto status = exit_status_of(live_.child_pidfd.get())) {
    live_.exit_status = *status == 128 + SIGKILL && ended_by_ != 0 ? 128 + ended_by_ : *status;
    live_.child = -1;
  }
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
