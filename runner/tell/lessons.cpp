#include "runner/tell/lessons.h"

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/tell/essay.h"

namespace minirun {
namespace {

constexpr Lesson all[] = {
#include "lessons.inc"
};

}  // namespace

std::string Lesson::name() const {
  const std::string_view number = directory.substr(directory.front() == '0' ? 1 : 0);
  return cat(number.substr(0, number.find('-')), ". ", title);
}

std::vector<Lesson> lessons_of(std::string_view step_id) {
  std::vector<Lesson> found;
  for (const Lesson& lesson : all) {
    for (const std::string_view step : split(lesson.steps, ' ')) {
      if (family_of(step) != family_of(step_id)) continue;
      found.push_back(lesson);
      break;
    }
  }
  return found;
}

std::vector<Lesson> lessons_about(std::string_view concept_name) {
  std::vector<Lesson> found;
  for (const Lesson& lesson : all) {
    if (has_word(lesson.title, concept_name) || has_word(lesson.terms, concept_name)) {
      found.push_back(lesson);
    }
  }
  return found;
}

}  // namespace minirun
