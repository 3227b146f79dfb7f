// --print-script: the plan as a shell script that a person can read, change and run.
#pragma once

#include <string>

#include "runner/plan/spec.h"
#include "runner/plan/step.h"

namespace minirun {

/// A POSIX sh script that makes the container of `plan`, as root. It needs only programs of
/// Debian's util-linux, coreutils and mount. It has each step in order: the reason as a comment,
/// shell(op), and undo_shell(op) for the end. If a shell can't do a step, the line is "# no shell
/// equivalent: ...". The exit status is the program's, or 125.
///
/// The layers have to be in the store when the script runs; it reports an error if they aren't.
std::string script_of(const ContainerSpec& spec, const Plan& plan);

}  // namespace minirun
