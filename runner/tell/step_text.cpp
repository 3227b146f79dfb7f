#include "runner/tell/step_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

constexpr size_t indent = 9;  // "  shell  "
constexpr std::string_view bold = "\033[1m", dim = "\033[2m";

/// Where a word that is too wide is cut: after one of its options, if there is one in the second
/// half of the room.
size_t end_of_part(std::string_view word, size_t room) {
  const size_t separator = word.find_last_of(",|", room - 1);
  return separator == std::string_view::npos || separator < room / 2 ? room : separator + 1;
}

std::string spaces(size_t count) { return std::string(count, ' '); }

}  // namespace

Prose Prose::for_terminal(int fd) {
  const char* no_color = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const bool wants_colour = no_color == nullptr || *no_color == '\0';
  return {wants_colour && page::has_escapes(fd), page::columns_of(fd)};
}

std::string Prose::painted(std::string_view code, const std::string& text) const {
  return has_colour_ ? cat(code, text, "\033[0m") : text;
}

std::string Prose::heading(const std::string& left, const std::string& right) const {
  if (right.empty()) return cat("\n", painted(bold, left), "\n");
  const size_t used = left.size() + right.size();
  return cat("\n", painted(bold, left), spaces(used + 1 < width_ ? width_ - used : 1),
             painted(dim, right), "\n");
}

std::string Prose::sentence(const std::string& name, const std::string& why) const {
  const std::string text = page::wrapped("", cat(name, ": ", why), width_);
  return cat(painted(bold, name), text.substr(name.size()));
}

std::string Prose::row(const std::vector<Cell>& cells) const {
  const auto size = [](const Cell& cell) { return static_cast<size_t>(std::abs(cell.width)); };
  size_t used = 0;
  for (const Cell& cell : cells) used += size(cell) + 2;
  std::string line;
  for (const Cell& cell : cells) {
    const size_t room = cell.width == 0 ? width_ + 2 - std::min(width_, used) : size(cell);
    std::string text(cell.text);
    if (cell.width == 0 && page::width(text) > room) text = cat(page::cut(text, room - 1), "…");
    const std::string gap = spaces(room - std::min(room, page::width(text)));
    line +=
        cat(line.empty() ? "" : "  ", cell.width < 0 ? gap : "", text, cell.width < 0 ? "" : gap);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Prose::labelled(std::string_view label, const std::vector<std::string>& lines) const {
  std::string text;
  for (const std::string& line : lines) {
    const bool is_first = &line == &lines.front();
    const std::string name = is_first ? std::string(label) : "";
    text += cat(spaces(indent - 2 - name.size()), painted(dim, name), "  ", line, "\n");
  }
  return text;
}

std::vector<std::string> Prose::wrapped(std::string_view text) const {
  const size_t room = width_ - indent;
  std::vector<std::string> lines(1);
  for (std::string_view word : split(text, ' ')) {
    std::string& last = lines.back();
    if (!last.empty() && last.size() + 1 + word.size() > room) lines.emplace_back();
    while (word.size() > room) {
      const size_t end = end_of_part(word, room);
      lines.back() = word.substr(0, end);
      lines.emplace_back();
      word.remove_prefix(end);
    }
    lines.back() += cat(lines.back().empty() ? "" : " ", word);
  }
  return lines;
}

std::string Prose::field(std::string_view label, const std::string& text) const {
  return text.empty() ? "" : labelled(label, wrapped(printable(text)));
}

std::string Prose::command(std::string_view label, const std::string& shell, size_t most) const {
  if (shell.empty()) return {};
  const std::string text = layout(shell, "", width_ - indent);
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("# ")) {
      lines.push_back(printable(line));
      continue;
    }
    for (const std::string& row : wrapped(printable(line))) {
      lines.push_back(cat(row.starts_with("# ") ? "" : "# ", row));
    }
  }
  if (lines.size() > most) {
    const size_t left = lines.size() - (most - 1);
    lines.resize(most - 1);
    lines.push_back(cat("# ... and ", left, " lines more: --print-script has all"));
  }
  return labelled(label, lines);
}

std::string Prose::calls(const std::vector<std::string>& calls, size_t most) const {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text) {
    for (std::string& line : wrapped(printable(text))) lines.push_back(std::move(line));
  };
  const size_t shown = calls.size() > most ? most - 1 : calls.size();
  for (size_t i = 0; i < shown; ++i) add(calls[i]);
  if (shown < calls.size())
    add(cat("... and ", calls.size() - shown, " more: --trace FILE has all"));
  return labelled("call", lines);
}

std::string usage_words(const Usage& usage) {
  std::string words;
  const auto add = [&words](const std::string& more) {
    words += cat(words.empty() ? "" : ", ", more);
  };
  if (usage.cpu_us) {
    add(cat("processor time ", human_time(std::chrono::microseconds(*usage.cpu_us))));
  }
  if (usage.memory_peak) add(cat("memory ", human_size(*usage.memory_peak)));
  if (usage.pids_peak) {
    add(cat(*usage.pids_peak, *usage.pids_peak == 1 ? " process" : " processes"));
  }
  return words.empty() ? "nothing counted it" : words;
}

std::string result_of(const StepEvent& event) {
  if (std::holds_alternative<ns::ReadUsage>(event.step().op)) return usage_words(event.live.usage);
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
      "clone3(", "execveat(", "pivot_root(", "umount2(", "mount(", "move_mount(",        "waitid(",
      "ioctl(",  "seccomp(",  "setresuid(",  "capset(",  "dup2(",  "bpf(BPF_PROG_ATTACH"};
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
