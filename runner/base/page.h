// Text for people to read in a terminal: lines of at most 100 columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minirun::page {

constexpr size_t columns = 100;

/// How wide a text for this descriptor may be: as the terminal is, at most `columns`.
size_t columns_of(int fd);

constexpr std::string_view wipe_line = "\r\033[K";
/// Whether a line on this descriptor can be wiped and written again: a terminal, and not TERM=dumb.
bool has_escapes(int fd);

/// Writes a line to standard error that the next text takes away, such as a progress bar. There is
/// one at a time. If nothing can be wiped there, does nothing.
void show_brief(std::string_view line);
/// Takes that line away, if there is one. Called before a text goes to standard error.
void wipe_brief();

/// How many columns a printable text takes: one per character.
size_t width(std::string_view text);

/// The first `room` columns of a printable text.
std::string cut(std::string_view text, size_t room);

/// The words of `text` in lines of at most `room` columns. A word that is longer stays whole.
std::vector<std::string> lines_of(std::string_view text, size_t room);

/// The words of `text` in lines of at most `most` columns. The first line begins with `start`; the
/// others are indented by the width of `start`. Ends with a newline. A word that is longer than a
/// line stays whole, so people can copy it.
std::string wrapped(std::string_view start, std::string_view text, size_t most = columns);

/// "a", "a and b", "a, b and c".
std::string enumerated(const std::vector<std::string>& words);

/// "1 name", "2 names".
std::string counted(uint64_t count, std::string_view what, std::string_view plural_ending = "s");

}  // namespace minirun::page

namespace minirun {

// Shell commands on a page: in the script of --print-script, and in the text of a step.

/// A shell comment of one or more lines.
std::string comment(std::string_view text);

/// "# --- text -----", as wide as a page.
std::string rule(const std::string& text, char dash);

/// Commands with `indent` before each line. Long lines are broken between words. Quoted text stays
/// as it is: it may hold newlines and spaces.
std::string layout(std::string_view text, const std::string& indent, size_t columns = 100);

}  // namespace minirun
