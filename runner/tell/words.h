// What the narrator, the trace and the report say of a step in the same words.
#pragma once

#include <string>
#include <vector>

#include "runner/run/listener.h"

namespace minirun {

/// What the step's last call gave back: "0"; clone: the child's pid; wait: the program's status.
std::string result_of(const StepEvent& event);

/// Of a step's calls, the one that makes the difference; the others prepare it or repeat it.
std::string decisive_call(const std::vector<std::string>& calls);

/// Of a shell text, the line that does it: the first that is neither a condition nor a loop.
std::string decisive_line(const std::string& shell);

/// As the kernel spells it: "EINVAL". Empty for what is no failed system call.
std::string errno_name(const std::exception& why);

/// The step's `look`, with the child's pid in it; empty where there is no child or nothing to see.
std::string look_now(const StepEvent& event);

std::string_view side_name(Side side);

}  // namespace minirun
