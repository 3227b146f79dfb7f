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
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Bytes in one direction. Nothing here waits: it moves what can be moved now.
class Flow {
 public:
  Flow(UniqueFd from, UniqueFd to);

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

 private:
  enum class Moved { some, source_is_empty, sink_is_full, ended };
  Moved move_some();
  Moved splice_some();
  Moved fill();
  Moved pour();
  Moved sink_failed(int error);

  UniqueFd from_;
  UniqueFd to_;
  bool splices_ = true;      // until the kernel says that it can't between these two
  bool sink_full_ = false;   // then the sink is waited for, and the source is not
  std::vector<char> held_;   // read, and not yet written
  size_t written_ = 0;       // of held_
  int trouble_ = 0;
};

/// All flows of a container.
class Relay {
 public:
  /// Takes the host's ends. The caller's ends are opened again where that is possible, so that
  /// writing to them never waits: O_NONBLOCK on the caller's own would change the caller's shell.
  explicit Relay(Streams outside);

  void add_to(std::vector<pollfd>& polled) const;
  /// How long poll(2) may wait, in milliseconds; -1: for ever.
  int timeout() const;
  /// `polled` is what `add_to` added, after poll(2).
  void move(const pollfd* polled);
  /// The program has ended: no more input. True as soon as its output is delivered.
  bool is_drained();
  /// What a person should know: that a part of the output could not be delivered, and why.
  std::string trouble() const;

 private:
  bool may_read_input() const;

  Flow input_;
  Flow output_;
  Flow errors_;
};

}  // namespace minirun::ns
