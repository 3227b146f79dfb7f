#include "namespaces/raw_terminal.h"

#include <signal.h>
#include <unistd.h>

#include "runner/base/error.h"

namespace minirun::ns {
namespace {

/// As a program is stopped that writes to the terminal in the background: the shell says "Stopped
/// (tty output)". The kernel does not stop us by itself, because we block the signal.
void wait_for_foreground(int fd) {
  for (;;) {
    const pid_t foreground = ::tcgetpgrp(fd);
    if (foreground == -1 || foreground == ::getpgrp()) return;
    sigset_t stop;
    sigset_t before;
    ::sigemptyset(&stop);
    ::sigaddset(&stop, SIGTTOU);
    ::kill(0, SIGTTOU);                              // the whole job
    ::pthread_sigmask(SIG_UNBLOCK, &stop, &before);  // here we stand until `fg`
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    // A group whose parent is gone can't be stopped, and would turn here for ever.
    if (::tcgetpgrp(fd) == foreground && ::getppid() == 1) {
      throw Error("minirun is in the background of its terminal, and no shell can bring it back",
                  "leave out -i or -t");
    }
  }
}

}  // namespace

RawTerminal::RawTerminal(int fd) : fd_(fd) {
  wait_for_foreground(fd);
  check(::tcgetattr(fd, &before_), "tcgetattr");
  set();
}

void RawTerminal::set() {
  termios raw = before_;
  ::cfmakeraw(&raw);
  // Fails where the terminal was hung up, and then there is nothing to set.
  ::tcsetattr(fd_, TCSANOW, &raw);
}

void RawTerminal::restore() { ::tcsetattr(fd_, TCSANOW, &before_); }

}  // namespace minirun::ns
