#include "runner/tell/words.h"

#include <cstring>

#include "runner/base/error.h"

namespace minirun {

std::string result_of(const StepEvent& event) {
  if (std::holds_alternative<ns::CloneChild>(event.step().op)) return cat(event.live.child);
  if (std::holds_alternative<ns::WaitChild>(event.step().op)) {
    return cat("exit status ", event.live.exit_status);
  }
  if (std::holds_alternative<ns::Exec>(event.step().op)) {
    return "it doesn't return: the program runs";
  }
  return "0";
}

std::string errno_name(const std::exception& why) {
  const auto* call = dynamic_cast<const SysError*>(&why);
  const char* name = call == nullptr ? nullptr : ::strerrorname_np(call->number());
  return name == nullptr ? "" : name;
}

std::string look_now(const StepEvent& event) {
  static constexpr std::string_view pid = "$PID";
  std::string command = look(event.step().op);
  size_t at = command.find(pid);
  if (at != std::string::npos && event.live.child <= 0) return {};
  for (; at != std::string::npos; at = command.find(pid)) {
    command.replace(at, pid.size(), std::to_string(event.live.child));
  }
  return command;
}

std::string_view side_name(Side side) { return side == Side::host ? "host" : "child"; }

}  // namespace minirun
