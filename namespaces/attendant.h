// Which signals reach the program, and what minirun does about the others.
//
// Source: signal(7), "Standard signals"; pid_namespaces(7), "The namespace init process".
#pragma once

#include <chrono>
#include <optional>

#include "namespaces/raw_terminal.h"
#include "namespaces/relay.h"
#include "namespaces/wait.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// Whether the signal ends a process that has no handler for it: signal(7), "Standard signals".
bool ends_by_default(int signal);

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
  using Clock = std::chrono::steady_clock;
  static constexpr Clock::time_point never = Clock::time_point::max();

  void send(int signal);
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

}  // namespace minirun::ns
