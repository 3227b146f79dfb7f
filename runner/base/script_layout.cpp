#include "runner/base/script_layout.h"

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"

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
