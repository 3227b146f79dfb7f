// --skip STEP: a plan with a step left out, to see what it was good for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/plan/step.h"

namespace minirun {

/// Throws UsageError where steps are to be left out and nobody would read what is said of it:
/// standard error is no terminal, and --yes-break-it was not given.
void require_watcher(const std::vector<std::string>& ids, bool is_allowed);

/// The plan without those steps, and without what makes no sense, or harm, once they are gone:
/// goes_with, a clone into a cgroup that nobody made, a write to a /proc that isn't there. Throws
/// UsageError: the plan has no such step, or nothing would run without it.
Plan skip_steps(Plan plan, const std::vector<std::string>& ids);

/// Why a step can't be left out; empty where it can.
std::string_view needed_for(std::string_view id);
/// The steps that are left out with that one.
std::vector<std::string_view> goes_with(std::string_view id);

/// Throws UsageError if no step of the plan has that id; the hint lists those there are.
void require_step(const Plan& plan, const std::string& id, const std::string& option);

/// Whether that is no step but one of the things that loading an image does (image/load/load.h).
bool is_load_record(std::string_view id);

}  // namespace minirun
