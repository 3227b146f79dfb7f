// The command line: turns words into Options, and makes the help. Both read the tables in
// tables.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/commands/options.h"

namespace minirun {

/// Reads the words after the program's name. Throws UsageError: an unknown option, a missing or
/// empty value, an option given twice, or an option of Docker's that minirun doesn't have (the hint
/// says what to use instead).
Options parse_command_line(const std::vector<std::string>& words);

/// The text of `minirun help` and `minirun --help`.
std::string help_text(size_t columns);

}  // namespace minirun

// The rows of the tables.
namespace minirun::cli {

struct Command {
  unsigned bit;  ///< in Option::commands
  const char* name;
  const char* arguments;  ///< "IMAGE [COMMAND [ARG...]]"
  const char* help;
  size_t least, most;  ///< how many arguments
  int (*run)(const Options& options);
};

struct Option {
  const char* name = nullptr;   ///< long, without "--"
  char letter = 0;              ///< short, 0 for none
  const char* value = nullptr;  ///< the name of its value in the help; null: it takes no value
  unsigned commands = 0;        ///< bits of the commands that have this option
  const char* help = nullptr;
  void (*set)(Options& options, const std::string& value) = nullptr;
  bool repeats = false;
  bool may_be_empty = false;
  const char* word = nullptr;  ///< of a flag: a value that it accepts besides true and false
  bool is_on = false;  ///< of a flag: it is on unless false is given, and `set` turns it off
};

/// An option that a person who knows Docker will try.
struct Refused {
  const char* name;  ///< as typed: "--restart", "-p"
  const char* reason;
  const char* instead;
};

std::span<const Command> commands();
std::span<const Option> options();
const Command* find_command(std::string_view name);
const Refused* find_refused(std::string_view name);

}  // namespace minirun::cli
