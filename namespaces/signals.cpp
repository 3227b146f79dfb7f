#include "namespaces/signals.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <cctype>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

// As Docker counts. The C library keeps 32 and 33 for itself.
constexpr int first_real_time = 34;
constexpr int last_real_time = 64;

/// The number after "RTMIN+" or "RTMAX-", as a signal.
std::optional<int> real_time_signal(std::string_view name) {
  const bool from_first = name.starts_with("RTMIN");
  if (!from_first && !name.starts_with("RTMAX")) return std::nullopt;
  const std::string_view rest = name.substr(5);
  if (rest.empty()) return from_first ? first_real_time : last_real_time;
  if (rest[0] != (from_first ? '+' : '-')) return std::nullopt;
  const auto number = parse_number(rest.substr(1), last_real_time - first_real_time);
  if (!number) return std::nullopt;
  const int distance = static_cast<int>(*number);
  return from_first ? first_real_time + distance : last_real_time - distance;
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = parse_number(text, last_real_time)) {
    if (*number == 0) return std::nullopt;
    return static_cast<int>(*number);
  }
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (name == "IO") return SIGIO;  // the C library calls it POLL
  for (int signal = 1; signal < first_real_time; ++signal) {
    const char* known = ::sigabbrev_np(signal);
    if (known != nullptr && name == known) return signal;
  }
  return real_time_signal(name);
}

std::string signal_name(int signal) {
  if (const char* known = ::sigabbrev_np(signal); known != nullptr) return known;
  return cat("RTMIN+", signal - first_real_time);
}

}  // namespace minirun::ns
