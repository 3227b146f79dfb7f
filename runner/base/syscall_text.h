// System calls in the form of strace(1). Each op says its calls in this form, and
// tests/e2e/truth.bats compares them with strace's output.
//
// A value that is known only at the call, such as a descriptor's number, is written <what it is>. A
// call that is not always made ends in a comment that says when: /* if there */.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace minirun {

/// A string literal of C in printable ASCII: "it's\n". After `most` bytes it is cut, and "..."
/// follows, as strace does it.
std::string c_string(std::string_view text, size_t most = 1000);

/// Stands for a value that isn't known yet: <merged/proc>.
std::string unknown(std::string_view what);

/// An octal number with a leading zero: "0755".
std::string c_octal(mode_t mode);

struct FlagName {
  uint64_t flag;
  const char* name;
};
/// "MS_REC|MS_PRIVATE", in the table's order. Flags that the table doesn't have become one
/// hexadecimal number. "0" if no flag is set.
std::string flag_names(std::span<const FlagName> table, uint64_t flags);

/// How many bytes of a file's content or of a program's argument are shown.
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

/// The same calls, each with a comment that says when it is made.
std::vector<std::string> only_if(std::string_view condition, std::vector<std::string> calls);

/// Adds calls to a list of them.
void append(std::vector<std::string>& list, std::vector<std::string> more);

}  // namespace minirun
