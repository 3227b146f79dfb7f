// The essays: a page about each step, longer than its one line of why. They are the files of
// essays/, and are inside the binary. `minirun explain STEP` and the stepper's key e print a page.
// --skip warns with its "without" line. The parts of loading (image/load/load.h) have pages too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun {

struct Essay {
  std::string_view step;     ///< "bind" for all of bind-1, bind-2...
  std::string_view source;   ///< the file that holds the step's op: "mount/pivot.cpp"
  std::string_view without;  ///< what may happen without the step; empty if it can't be left out
  std::string_view text;     ///< paragraphs of at most 80 columns
  std::string_view title;    ///< for lists of steps
};

/// The name of a step's essay: "bind" for "bind-2".
std::string_view family_of(std::string_view step_id);

/// nullopt if there is no such step. (A unit test fails if an op has no essay.)
std::optional<Essay> find_essay(std::string_view step_id);

/// The essays about a concept ("whiteout", "pid 1", "copy-up"). The one that says most about it
/// comes first. Plural and upper case don't matter.
std::vector<Essay> essays_about(std::string_view concept_name);

/// Whether `text` has this word ("pid 1"), and not only as a part of another word. Plural and upper
/// case don't matter.
bool has_word(std::string_view text, std::string_view word);

/// All essays, sorted by step.
std::vector<Essay> essays();

/// A line for each step that is left out: what may happen without it.
std::vector<std::string> skip_warnings(const std::vector<std::string>& ids);

}  // namespace minirun
