// How shell commands stand on a page: in the script of --print-script, and where a step is told.
#pragma once

#include <string>
#include <string_view>

namespace minirun {

/// A comment of as many lines as it takes.
std::string comment(std::string_view text);

/// "# --- text -----", as wide as a page.
std::string rule(const std::string& text, char dash);

/// Commands with `indent` before each line, and broken between words where they are too long. What
/// is in quotes stays as it is: it may hold newlines and spaces.
std::string layout(std::string_view text, const std::string& indent, size_t columns = 100);

}  // namespace minirun
