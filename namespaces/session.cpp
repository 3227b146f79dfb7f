#include "namespaces/session.h"

#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"

namespace minirun::ns {

namespace {

constexpr int last_signal = 64;
constexpr size_t set_size = 8;  // of the kernel's sigset_t; the C library's is larger

/// "SIGHUP"; of the real-time signals "SIGRTMIN" (the kernel's: 32) and "SIGRT_1", as strace(1).
std::string signal_constant(int signal);

/// All signals to their default, and none blocked. execve(2) resets handlers but leaves ignored
/// signals ignored, so that a caller under nohup(1) would start a container that can't be hung up.
/// The raw calls, because glibc's refuse the two signals that it keeps for itself, and those are
/// inherited as well.
void reset_signals();

/// PR_SET_PDEATHSIG asks for a signal when the parent dies from now on; this sees whether it has
/// died before. getppid(2) can't tell, it is 0 for the first process of a pid namespace either way;
/// the channel's other end can.
void check_runner_lives(int channel);

}  // namespace

// LESSON: session
void NewSession::apply(Live&) const {
  check(::setsid(), "setsid");
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) != -1) return;
  const int number = errno;
  if (number == ENOSYS) return;  // a kernel without keyrings has none to share
  throw SysError(number, "keyctl KEYCTL_JOIN_SESSION_KEYRING",
                 number == EDQUOT ? "root's key quota is used up: see /proc/key-users, and raise "
                                    "/proc/sys/kernel/keys/root_maxkeys"
                                  : "");
}

std::string NewSession::shell() const {
  return "session=new  # setsid(1), when the program begins\n"
         "# no shell equivalent: a session keyring of its own; keyctl(1) is not in util-linux";
}

std::vector<std::string> NewSession::calls() const {
  return {call("setsid"), call("keyctl", "KEYCTL_JOIN_SESSION_KEYRING", "NULL")};
}

std::string NewSession::look() const { return "ps -o pid,sid,tty -p $PID"; }

void ResetProcess::apply(Live& live) const {
  reset_signals();
  ::umask(022);
  check(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "prctl PR_SET_PDEATHSIG SIGKILL");
  check_runner_lives(live.channel.get());
}

// The last two by setpriv(1) and env(1), when the program begins.
std::string ResetProcess::shell() const {
  return "umask 022\nreset=--pdeathsig=KILL\nsignals=--default-signal\n"
         "# no shell equivalent: env(1) can't reset 32 and 33, which the C library keeps for "
         "itself";
}

std::vector<std::string> ResetProcess::calls() const {
  std::vector<std::string> list;
  for (int signal = 1; signal <= last_signal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    list.push_back(call("rt_sigaction", signal_constant(signal),
                        "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}", "NULL", set_size));
  }
  append(list, {call("rt_sigprocmask", "SIG_SETMASK", "[]", "NULL", set_size), call("umask", "022"),
                call("prctl", "PR_SET_PDEATHSIG", "SIGKILL")});
  return list;
}

std::string ResetProcess::look() const { return "grep -E '^(Umask|Sig)' /proc/$PID/status"; }

namespace {

std::string signal_constant(int signal) {
  constexpr int first_real_time = 32;
  if (signal == SIGIO) return "SIGIO";  // the C library prefers its other name, SIGPOLL
  if (signal == first_real_time) return "SIGRTMIN";
  if (signal > first_real_time) return cat("SIGRT_", signal - first_real_time);
  return cat("SIG", ::sigabbrev_np(signal));
}

void reset_signals() {
  // The kernel's struct of zeros is SIG_DFL without flags on every architecture; its set of zeros
  // is empty.
  const std::array<unsigned char, 64> zeros{};
  for (int signal = 1; signal <= last_signal; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    check(::syscall(SYS_rt_sigaction, signal, zeros.data(), nullptr, set_size),
          "rt_sigaction SIG_DFL for signal ", signal);
  }
  check(::syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros.data(), nullptr, set_size),
        "rt_sigprocmask, nothing blocked");
}

void check_runner_lives(int channel) {
  struct pollfd end {};
  end.fd = channel;  // poll(2) passes over a negative one
  check(::poll(&end, 1, 0), "poll the channel to the runner");
  if ((end.revents & (POLLHUP | POLLERR)) != 0)
    throw Error("the runner of this container has died");
}

}  // namespace

}  // namespace minirun::ns
