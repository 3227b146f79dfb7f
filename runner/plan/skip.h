// --skip STEP: a plan without one step, to see what the step is for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/plan/step.h"

namespace minirun {

/// Throws UsageError if steps are to be left out and nobody would read the warning: standard error
/// is no terminal, and --yes-break-it was not given.
void require_watcher(const std::vector<std::string>& ids, bool is_allowed);

/// The plan without those steps. Other steps that need them are left out too (goes_with) or
/// changed: without a cgroup, clone puts the child into none; without /proc, limits writes no file
/// there. Throws UsageError: the plan has no such step, or the step can't be left out.
Plan skip_steps(Plan plan, const std::vector<std::string>& ids);

/// Why a step can't be left out; empty if it can.
std::string_view needed_for(std::string_view id);
/// The steps that are left out together with this one.
std::vector<std::string_view> goes_with(std::string_view id);

/// Throws UsageError if no step of the plan has that id. The hint lists the plan's steps.
void require_step(const Plan& plan, const std::string& id, const std::string& option);

/// Whether `id` is not a step but a part of loading an image (image/load/load.h).
bool is_load_record(std::string_view id);

}  // namespace minirun
