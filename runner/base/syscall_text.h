// System calls as strace(1) prints them: what an op says of itself, to be compared with what a
// tracer sees.
//
// What is known only when the call is made, such as the number of a descriptor, stands as <what it
// is>. A call that is not always made ends in a comment that says when: /* if there */.
// tests/e2e/truth.bats compares these strings with strace's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace minirun {

/// A string of C, all of it printable ASCII: "it's\n"; cut after `most` bytes, "as strac"... does.
std::string c_string(std::string_view text, size_t most = 1000);

/// In the place of what isn't known yet: <merged/proc>.
std::string unknown(std::string_view what);

/// An octal number with its zero: "0755".
std::string c_octal(mode_t mode);

struct FlagName {
  uint64_t flag;
  const char* name;
};
/// "MS_REC|MS_PRIVATE", in the table's order; what the table doesn't know as a hexadecimal number;
/// "0" for none.
std::string flag_names(std::span<const FlagName> table, uint64_t flags);

/// How much of a file's content or of a program's argument is worth a line.
constexpr size_t most_of_content = 64;

inline std::string argument_text(const std::string& text) { return text; }
inline std::string argument_text(const char* text) { return text; }
template <typename Number>
requires std::is_arithmetic_v<Number> std::string argument_text(Number number) {
  return std::to_string(number);
}

/// call("mkdir", c_string("/a"), "0755") is: mkdir("/a", 0755)
template <typename... Arguments>
std::string call(std::string_view name, const Arguments&... arguments) {
  std::string joined;
  [[maybe_unused]] const auto add = [&joined](const std::string& argument) {
    joined += (joined.empty() ? "" : ", ") + argument;
  };
  (add(argument_text(arguments)), ...);
  return std::string(name) + "(" + joined + ")";
}

/// The same with the comment that it is made only then.
std::vector<std::string> only_if(std::string_view condition, std::vector<std::string> calls);

/// Adds calls to a list of them.
void append(std::vector<std::string>& list, std::vector<std::string> more);

}  // namespace minirun
