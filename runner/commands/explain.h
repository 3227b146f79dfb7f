// What `minirun explain [STEP]` knows of steps by their names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/plan/step.h"

namespace minirun {

/// The plan of a container that nobody asked for, with every option that adds a step: it has each
/// step that there is, in the order of a run.
Plan full_plan();

/// Names that a person who typed `word` may have meant, the likeliest first; may be empty.
std::vector<std::string> near_matches(std::string_view word, const std::vector<std::string>& names);

}  // namespace minirun
