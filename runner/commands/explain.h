// Finds steps by their names, for `minirun explain [STEP]`.
#pragma once

#include "runner/plan/step.h"

namespace minirun {

/// The plan of an invented container with every option that adds a step. So it has every kind of
/// step, in the order of a run.
Plan full_plan();

}  // namespace minirun
