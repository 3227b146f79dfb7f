// The command line: words to Options, and the help. One table (in cli.cpp) says both.
#pragma once

#include <string>
#include <vector>

#include "runner/commands/options.h"

namespace minirun {

/// Reads the words after the program's name. Throws UsageError: unknown option, missing or empty
/// value, one given twice, an option of Docker's that minirun doesn't have (with what to use
/// instead).
Options parse_command_line(const std::vector<std::string>& words);

/// The text of `minirun help` and `minirun --help`.
std::string help_text();

}  // namespace minirun
