#include "runner/base/page.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::page {
namespace {

bool has_brief = false;  // the terminal is the process's, and so is its last line

}  // namespace

size_t columns_of(int fd) {
  // In a narrower one a wrapped text is worse than one that the terminal breaks.
  constexpr size_t least = 40;
  winsize size{};
  if (::isatty(fd) != 1 || ::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < least)
    return columns;
  return std::min<size_t>(columns, size.ws_col);
}

bool has_escapes(int fd) {
  const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return ::isatty(fd) == 1 && (term == nullptr || std::string_view(term) != "dumb");
}

void show_brief(std::string_view line) {
  if (!has_escapes(STDERR_FILENO)) return;
  const std::string text = cat(wipe_line, line);
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()) == 0);
  has_brief = true;
}

void wipe_brief() {
  if (!std::exchange(has_brief, false)) return;
  static_cast<void>(::write(STDERR_FILENO, wipe_line.data(), wipe_line.size()) == 0);
}

size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // bytes that continue a character
  }));
}

std::string cut(std::string_view text, size_t room) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && room-- == 0) break;
  }
  return std::string(text.substr(0, end));
}

std::vector<std::string> lines_of(std::string_view text, size_t room) {
  std::vector<std::string> lines;
  size_t used = 0;  // columns of the last line
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (lines.empty() || used + 1 + width(word) > room) {
      lines.emplace_back(word);
      used = width(word);
    } else {
      lines.back() += cat(" ", word);
      used += 1 + width(word);
    }
  }
  return lines;
}

std::string wrapped(std::string_view start, std::string_view text, size_t most) {
  const size_t indent = width(start);
  std::string page(start);
  for (const std::string& line : lines_of(text, most - indent)) {
    const bool is_first = page.size() == start.size();
    page += cat(is_first ? "" : "\n" + std::string(indent, ' '), line);
  }
  page.erase(page.find_last_not_of(' ') + 1);
  return page + "\n";
}

std::string enumerated(const std::vector<std::string>& words) {
  std::string list;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " and " : ", ";
    list += words[i];
  }
  return list;
}

std::string counted(uint64_t count, std::string_view what, std::string_view plural_ending) {
  return cat(count, " ", what, count == 1 ? "" : plural_ending);
}

}  // namespace minirun::page

namespace minirun {

std::string comment(std::string_view text) {
  const std::string shown = printable(text);
  if (shown.size() + 2 <= page::columns) return cat("# ", shown, "\n");  // a table's row, perhaps
  std::string lines;
  for (const std::string& line : page::lines_of(shown, page::columns - 2)) {
    lines += cat("# ", line, "\n");
  }
  return lines;
}

std::string rule(const std::string& text, char dash) {
  std::string line = cat("# ", std::string(3, dash), " ", text, " ");
  if (line.size() < page::columns) line.append(page::columns - line.size(), dash);
  return line + "\n";
}

std::string layout(std::string_view text, const std::string& indent, size_t columns) {
  std::string result = indent;
  char quote = 0;
  size_t start = 0;  // of the line
  size_t space = 0;  // where it can be broken
  bool in_comment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_escaped = i > 0 && text[i - 1] == '\\' && quote != '\'';
    if (quote != 0 ? c == quote : !in_comment && (c == '\'' || c == '"')) {
      if (!is_escaped) quote = quote == 0 ? c : '\0';
    }
    if (quote == 0 && c == '#') {
      in_comment |= result.empty() || result.back() == ' ' || result.back() == '\n';
    }
    if (quote == 0 && !in_comment && c == ' ' && result.size() > start + indent.size()) {
      space = result.size();
    }
    result += c;
    if (c == '\n') {
      if (quote == 0) result += indent;
      start = result.size() - (quote == 0 ? indent.size() : 0);
      space = 0;
      in_comment = false;
    } else if (result.size() - start > columns - 2 && space != 0) {
      result.replace(space, 1, cat(" \\\n", indent, "    "));
      start = space + 3;
      space = 0;
    }
  }
  return result;
}

}  // namespace minirun
