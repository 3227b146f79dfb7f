// What the narrator, the trace and the report say of a step in the same words.
#pragma once

#include <string>

#include "runner/run/listener.h"

namespace minirun {

/// What the step's last call gave back: "0"; clone: the child's pid; wait: the program's status.
std::string result_of(const StepEvent& event);

/// As the kernel spells it: "EINVAL". Empty for what is no failed system call.
std::string errno_name(const std::exception& why);

/// The step's `look`, with the child's pid in it; empty where there is no child or nothing to see.
std::string look_now(const StepEvent& event);

std::string_view side_name(Side side);

}  // namespace minirun
