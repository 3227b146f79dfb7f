// Carries bytes between the caller's standard streams and the program's, in bounded memory.
//
// What happens at one end happens at the other. End of file is passed on. When the reader has gone,
// the writer gets SIGPIPE or EPIPE. A slow reader makes the writer wait.
//
// Source: splice(2), pipe(7), poll(2).
#pragma once

#include <poll.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Bytes in one direction. Nothing here waits: it moves what can be moved now.
class Flow {
 public:
  Flow(UniqueFd from, UniqueFd to);
  int source() const { return from_.get(); }

  bool is_open() const { return static_cast<bool>(from_); }
  /// What poll(2) has to look at before `move` can do something: the source and the sink.
  void add_to(std::vector<pollfd>& polled) const;
  /// Moves bytes until one side would wait, or has ended; or a share, so that others have their
  /// turn. `polled` is what `add_to` added, after poll(2).
  void move(const pollfd* polled);
  /// Whether all that was in the source has reached the sink. Asked when nobody writes any more.
  bool is_drained();
  /// The errno for which the sink took no more; 0 if it took all, or the reader went away (EPIPE).
  int trouble() const { return trouble_; }
  void close();
  bool waits_for_sink() const { return sink_full_; }
  /// From now on what is read is remembered until `take_read`. Not where splice(2) is used.
  void remember_read() { remembers_ = true; }
  std::vector<char> take_read() { return std::exchange(seen_, {}); }

 private:
  enum class Moved { some, source_is_empty, sink_is_full, ended };
  Moved move_some();
  Moved splice_some();
  Moved fill();
  Moved pour();
  Moved sink_failed(int error);

  UniqueFd from_;
  UniqueFd to_;
  bool splices_ = true;     // until the kernel says that it can't between these two
  bool sink_full_ = false;  // then the sink is waited for, and the source is not
  std::vector<char> held_;  // read, and not yet written
  size_t written_ = 0;      // of held_
  bool remembers_ = false;
  std::vector<char> seen_;
  int trouble_ = 0;
};

/// All flows of a container.
class Relay {
 public:
  /// Takes the host's ends: of pipes, or with `is_terminal` the master of a terminal, which gets
  /// input where that is `interactive`. The caller's ends are opened again where that is possible,
  /// so that writing to them never waits: O_NONBLOCK on the caller's own would change the caller's
  /// shell.
  Relay(Streams outside, bool is_terminal, bool interactive);

  void add_to(std::vector<pollfd>& polled) const;
  /// How long poll(2) may wait, in milliseconds; -1: for ever.
  int timeout() const;
  /// `polled` is what `add_to` added, after poll(2).
  void move(const pollfd* polled);
  /// The program has ended: no more input. True as soon as its output is delivered.
  bool is_drained();

  // Of a terminal:
  /// Gives it the size that the caller's has now. False where the program has none.
  bool resize();
  /// SIGINT or SIGQUIT where the key for it was typed since the last call and goes to the process
  /// group `group`, which the kernel then signals; 0 if not.
  int typed_signal(pid_t group);
  /// What a person should know: that a part of the output could not be delivered, and why.
  std::string trouble() const;

 private:
  bool may_read_input() const;

  bool is_terminal_;
  UniqueFd held_open_;  // a terminal that nobody has open reads as ended, though it may be opened
  bool is_ending_ = false;
  bool is_silent_ = false;  // while ending: nothing came for a while

  Flow input_;
  Flow output_;
  Flow errors_;
};

}  // namespace minirun::ns
