#include "runner/run/interrupt.h"

#include <array>
#include <csignal>

#include "runner/base/error.h"

namespace minirun {
namespace {

constexpr std::array<int, 4> remembered = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
volatile std::sig_atomic_t first_signal = 0;

void remember(int signal) { first_signal = signal; }

}  // namespace

void remember_interrupts() {
  for (const int signal : remembered) {
    struct sigaction inherited {};
    check(::sigaction(signal, nullptr, &inherited), "sigaction");
    if (inherited.sa_handler == SIG_IGN) continue;  // nohup(1), or in the background of a script
    struct sigaction action {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESETHAND;  // and not SA_RESTART: a read of a silent pipe has to end
    check(::sigaction(signal, &action, nullptr), "sigaction");
  }
}

int interrupted_by() { return first_signal; }

void check_interrupt() {
  if (first_signal != 0) throw Error("interrupted");
}

void forget_interrupts() {
  for (const int signal : remembered) {
    struct sigaction now {};
    check(::sigaction(signal, nullptr, &now), "sigaction");
    if (now.sa_handler == remember) std::signal(signal, SIG_DFL);
  }
  check_interrupt();
}

}  // namespace minirun
