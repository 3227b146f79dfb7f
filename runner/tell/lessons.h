// The lessons, as the steps and words of minirun know them. They are the directories of lessons/;
// what is needed of them is inside the binary.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace minirun {

struct Lesson {
  std::string_view directory;  ///< in lessons/: "06-chroot"
  std::string_view title;      ///< "chroot, and how to get out of it"
  std::string_view steps;      ///< the steps that it is about, with blanks between
  std::string_view terms;      ///< that its page explains, a line each

  /// "6. chroot, and how to get out of it".
  std::string name() const;
};

/// The lessons that name a step, in their order. "bind-2" is a step of the family "bind".
std::vector<Lesson> lessons_of(std::string_view step_id);

/// The lessons that explain a term, or have it in their title, in their order.
std::vector<Lesson> lessons_about(std::string_view concept_name);

}  // namespace minirun
