#include "runner/base/syscall_text.h"

#include <array>
#include <cstdio>
#include <iterator>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

/// A byte that isn't printable ASCII: by its letter, or in octal. The number has all its digits
/// where the next character would be read as one more of them.
std::string escaped(unsigned char byte, bool digit_follows) {
  static constexpr std::string_view controls = "\t\n\v\f\r";
  if (const size_t at = controls.find(static_cast<char>(byte)); at != std::string_view::npos) {
    return {'\\', "tnvfr"[at]};
  }
  std::array<char, 5> octal{};
  std::snprintf(octal.data(), octal.size(), digit_follows ? "\\%03o" : "\\%o", byte);
  return octal.data();
}

}  // namespace

std::string c_string(std::string_view text, size_t most) {
  const std::string_view shown = text.substr(0, most);
  std::string quoted = "\"";
  for (size_t i = 0; i < shown.size(); ++i) {
    const auto byte = static_cast<unsigned char>(shown[i]);
    if (byte == '"' || byte == '\\') {
      quoted += {'\\', shown[i]};
    } else if (byte >= ' ' && byte < 0x7f) {
      quoted += shown[i];
    } else {
      const char next = i + 1 < shown.size() ? shown[i + 1] : '\0';
      quoted += escaped(byte, next >= '0' && next <= '9');
    }
  }
  return quoted + (shown.size() < text.size() ? "\"..." : "\"");
}

std::string unknown(std::string_view what) { return cat("<", printable(what), ">"); }

std::string c_octal(mode_t mode) { return "0" + octal(mode); }

std::string flag_names(std::span<const FlagName> table, uint64_t flags) {
  std::string names;
  const auto add = [&names](const std::string& name) {
    names += (names.empty() ? "" : "|") + name;
  };
  for (const FlagName& each : table) {
    if ((flags & each.flag) == 0) continue;
    add(each.name);
    flags &= ~each.flag;
  }
  if (flags != 0) {
    std::array<char, 20> number{};
    std::snprintf(number.data(), number.size(), "0x%llx", static_cast<unsigned long long>(flags));
    add(number.data());
  }
  return names.empty() ? "0" : names;
}

std::vector<std::string> only_if(std::string_view condition, std::vector<std::string> calls) {
  for (std::string& each : calls) each += cat(" /* if ", condition, " */");
  return calls;
}

void append(std::vector<std::string>& list, std::vector<std::string> more) {
  list.insert(list.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

}  // namespace minirun
