// --skip STEP: a plan with a step left out, to see what it was good for.
#pragma once

#include <string>
#include <vector>

#include "runner/step.h"

namespace minirun {

/// The plan without those steps, and without those that only finish what they began (detach goes
/// with pivot-root). Throws UsageError: the plan has no such step, or nothing would run without it.
Plan skip_steps(Plan plan, const std::vector<std::string>& ids);

/// Throws UsageError if no step of the plan has that id; the hint lists those there are.
void require_step(const Plan& plan, const std::string& id, const std::string& option);

}  // namespace minirun
