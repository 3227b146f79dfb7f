#include "runner/page.h"

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::page {

size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // bytes that continue a character
  }));
}

std::string wrapped(std::string_view start, std::string_view text) {
  const size_t indent = width(start);
  std::string lines(start);
  size_t used = indent;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const bool is_first = used == indent;
    if (!is_first && used + 1 + width(word) > columns) {
      lines += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!is_first) {
      lines += ' ';
      ++used;
    }
    lines += word;
    used += width(word);
  }
  lines.erase(lines.find_last_not_of(' ') + 1);
  return lines + "\n";
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
