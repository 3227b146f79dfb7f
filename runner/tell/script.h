// --print-script: the plan as a shell script that a person can read, change and run.
#pragma once

#include <string>

#include "runner/plan/spec.h"
#include "runner/plan/step.h"

namespace minirun {

/// A POSIX sh script that makes the container of `plan` with the programs of Debian's util-linux,
/// coreutils and mount alone, as root. Each step is there in order, with its reason as a comment,
/// what shell(op) says, and undo_shell(op) to be run at the end; what a shell can't do stands in
/// its place as "# no shell equivalent: ...". Its exit status is the program's, or 125.
///
/// The layers have to be in the store when it runs; it says so if they aren't.
std::string script_of(const ContainerSpec& spec, const Plan& plan);

}  // namespace minirun
