#include "runner/tell/words.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "runner/base/error.h"
#include "runner/base/text.h"

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

std::string decisive_call(const std::vector<std::string>& calls) {
  static constexpr std::array<std::string_view, 13> names = {
      "clone3(", "execveat(", "pivot_root(", "umount2(", "mount(", "move_mount(",        "ioctl(",
      "waitid(", "seccomp(",  "setresuid(",  "capset(",  "dup2(",  "bpf(BPF_PROG_ATTACH"};
  for (const std::string_view name : names) {
    for (const std::string& call : calls) {
      if (call.starts_with(name)) return call;
    }
  }
  return calls.empty() ? "" : calls.front();
}

std::string decisive_line(const std::string& shell) {
  static constexpr std::array<std::string_view, 9> others = {
      "if ", "for ", "fi", "done", "exec ", "[ ", "sleep ", "while ", "#"};
  for (const std::string_view line : split(shell, '\n')) {
    const size_t start = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view text = line.substr(start);
    const auto begins = [text](std::string_view other) { return text.starts_with(other); };
    if (!text.empty() && std::none_of(others.begin(), others.end(), begins)) {
      return std::string(text);
    }
  }
  return {};
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
