// A step on a screen: a heading and labelled fields, in at most 100 columns.
//
//     12/48 overlay                                                              child, pid 4711
//        why  the image's layers become one tree without being copied; writes go to the upper
//             directory, so that a container starts as fast from a large image as from a small one
//      shell  (cd /var/lib/minirun/overlay2 && mount -t overlay ...)
//       call  mount("overlay", "/var/lib/minirun/...", "overlay", MS_NODEV, "lowerdir=...")
//
// A long shell command is broken only where a shell allows it, so people can copy it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/run/listener.h"

namespace minirun {

class Prose {
 public:
  /// For a descriptor. Colour only on a terminal, and not with NO_COLOR or TERM=dumb. The width is
  /// the terminal's, at most 100.
  static Prose for_terminal(int fd);
  Prose(bool has_colour, size_t width) : has_colour_(has_colour), width_(width) {}

  std::string heading(const std::string& left, const std::string& right) const;
  /// "name: why", wrapped, the name as a heading.
  std::string sentence(const std::string& name, const std::string& why) const;
  struct Cell {
    std::string_view text;
    /// Columns. Negative: right-aligned. 0: all columns that the other cells leave; the text is
    /// cut.
    int width;
  };
  /// Cells with a gap of two columns, in one line.
  std::string row(const std::vector<Cell>& cells) const;
  /// A label and a text, wrapped. Empty if the text is empty.
  std::string field(std::string_view label, const std::string& text) const;
  /// A command, broken between words of the shell, at most `most` lines.
  std::string command(std::string_view label, const std::string& shell, size_t most = 12) const;
  /// One call per line, at most `most`, then the number of those left out.
  std::string calls(const std::vector<std::string>& calls, size_t most = 6) const;

 private:
  std::string labelled(std::string_view label, const std::vector<std::string>& lines) const;
  std::vector<std::string> wrapped(std::string_view text) const;
  std::string painted(std::string_view code, const std::string& text) const;

  bool has_colour_;
  size_t width_;
};

// Words that the narrator, the trace and the report use alike.

/// What was used, for people: "processor time 3.1 ms, memory 4.1 MB, 3 processes"; of memory and
/// processes the most at a time.
std::string usage_words(const Usage& usage);

/// The result of the step's last call: "0"; of clone the child's pid; of wait the program's status.
std::string result_of(const StepEvent& event);

/// The most important of a step's calls; the others prepare it or repeat it.
std::string decisive_call(const std::vector<std::string>& calls);

/// The most important line of a shell text: the first that is neither a condition nor a loop.
std::string decisive_line(const std::string& shell);

/// The errno's name: "EINVAL". Empty if the error isn't a failed system call.
std::string errno_name(const std::exception& why);

/// The step's `look` with the child's pid in it. Empty if there is no child, or no `look`.
std::string look_now(const StepEvent& event);

std::string_view side_name(Side side);

}  // namespace minirun
