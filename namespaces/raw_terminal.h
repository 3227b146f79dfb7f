// The caller's terminal while the program has one of its own: every key goes through, and what the
// program writes is not changed a second time.
//
// Source: termios(3) "Raw mode"; ioctl_tty(2).
#pragma once

#include <termios.h>

namespace minirun::ns {

/// A terminal in raw mode, until this object goes.
class RawTerminal {
 public:
  /// Waits, stopped, while the shell has us in the background: the terminal is not ours then.
  /// Throws Error where there is no shell to bring us back, SysError if `fd` is no terminal.
  explicit RawTerminal(int fd);
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() { restore(); }

  /// Raw again: after `restore`, or when another has changed it while we were stopped.
  void set();
  /// As the caller had it.
  void restore();

 private:
  int fd_;
  termios before_{};
};

}  // namespace minirun::ns
