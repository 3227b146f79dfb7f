// Finds steps by their names, for `minirun explain [STEP]`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/plan/step.h"

namespace minirun {

/// The plan of an invented container with every option that adds a step. So it has every kind of
/// step, in the order of a run.
Plan full_plan();

/// Names similar to `word`, the most similar first; may be empty.
std::vector<std::string> near_matches(std::string_view word, const std::vector<std::string>& names);

}  // namespace minirun
