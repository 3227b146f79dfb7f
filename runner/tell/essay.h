// What there is to say about a step beyond its one line of why: a page each, in essays/, carried in
// the binary. `minirun explain STEP` and the stepper's key e print it; --skip warns with its
// "without" line. What loading does (image/load/load.h) has pages too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun {

struct Essay {
  std::string_view step;     ///< "bind" for all of bind-1, bind-2...
  std::string_view source;   ///< the file that holds the step's op: "mount/pivot.cpp"
  std::string_view without;  ///< what may happen where it is left out; empty where it can't be
  std::string_view text;     ///< paragraphs of at most 80 columns
  std::string_view title;    ///< one line of a list of steps
};

/// "bind" of "bind-2": under this name a step has its essay.
std::string_view family_of(std::string_view step_id);

/// nullopt where there is none of that step: an op without an essay is a failure of the unit tests.
std::optional<Essay> find_essay(std::string_view step_id);

/// Those that are about a concept ("whiteout", "pid 1", "copy-up"), the one that says most of it
/// first. A word in the plural, or with another case, is the same word.
std::vector<Essay> essays_about(std::string_view concept_name);

/// All of them, by step.
std::vector<Essay> essays();

/// A line for each step that is left out: what may happen without it.
std::vector<std::string> skip_warnings(const std::vector<std::string>& ids);

}  // namespace minirun
