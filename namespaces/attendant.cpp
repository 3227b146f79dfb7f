#include "namespaces/attendant.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <string>
#include <string_view>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

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

}  // namespace

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

void Attendant::send(int signal) {
  ::syscall(SYS_pidfd_send_signal, live_.child_pidfd.get(), signal, nullptr, 0);
}

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

}  // namespace minirun::ns
