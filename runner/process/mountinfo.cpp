#include "runner/process/mountinfo.h"

#include <algorithm>
#include <unordered_map>

#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr size_t fixed_fields = 6;  // before the propagation

bool is_octal(char c) { return c >= '0' && c <= '7'; }

std::vector<std::string> words(std::string_view list) {
  std::vector<std::string> found;
  for (const std::string_view word : split(list, ',')) {
    if (!word.empty()) found.emplace_back(word);
  }
  return found;
}

std::optional<MountLine> parse_line(std::string_view text) {
  const auto fields = split(text, ' ');
  if (fields.size() < fixed_fields + 4) return std::nullopt;
  const auto separator = std::find(fields.begin() + fixed_fields, fields.end(), "-");
  if (fields.end() - separator < 4) return std::nullopt;
  const auto id = parse_number(fields[0]);
  const auto parent = parse_number(fields[1]);
  if (!id || !parent) return std::nullopt;
  MountLine line;
  line.id = *id;
  line.parent = *parent;
  line.device = fields[2];
  line.root = unescape(fields[3]);
  line.point = unescape(fields[4]);
  line.options = words(fields[5]);
  line.propagation.assign(fields.begin() + fixed_fields, separator);
  line.type = unescape(separator[1]);
  line.source = unescape(separator[2]);
  line.super_options = words(separator[3]);
  return line;
}

/// The parts of lowerdir=: a backslash takes the meaning from a colon, as it did for mount(2).
std::vector<std::string> lower_dirs(std::string_view list) {
  std::vector<std::string> dirs(1);
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '\\' && i + 1 < list.size()) {
      dirs.back() += list[++i];
    } else if (list[i] != ':') {
      dirs.back() += list[i];
    } else if (!dirs.back().empty()) {  // "a::b": since 6.5, b holds data only
      dirs.emplace_back();
    }
  }
  return dirs;
}

}  // namespace

std::string unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' &&
                           std::all_of(&text[i + 1], &text[i + 1] + 3, is_octal);
    if (!is_escape) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 |
                               (text[i + 3] - '0'));
    i += 3;
  }
  return plain;
}

std::vector<MountLine> parse_mountinfo(std::string_view text) {
  std::vector<MountLine> lines;
  for (const std::string_view row : split(text, '\n')) {
    if (auto line = parse_line(row)) lines.push_back(std::move(*line));
  }
  return lines;
}

std::vector<TreeLine> mount_tree(const std::vector<MountLine>& lines) {
  std::unordered_map<uint64_t, size_t> by_id;
  for (size_t i = 0; i < lines.size(); ++i) by_id.emplace(lines[i].id, i);
  std::vector<std::vector<size_t>> children(lines.size());
  std::vector<TreeLine> todo;  // a stack: the next one last
  for (size_t i = lines.size(); i-- > 0;) {
    const auto parent = by_id.find(lines[i].parent);
    // The root's parent is outside of what the process sees, or the root itself.
    if (parent == by_id.end() || parent->second == i) {
      todo.push_back({i, 0});
    } else {
      children[parent->second].push_back(i);
    }
  }
  std::vector<TreeLine> tree;
  while (!todo.empty()) {
    const TreeLine next = todo.back();
    todo.pop_back();
    tree.push_back(next);
    for (const size_t child : children[next.index]) todo.push_back({child, next.depth + 1});
  }
  return tree;
}

std::optional<OverlayDirs> overlay_dirs(const MountLine& line) {
  if (line.type != "overlay") return std::nullopt;
  OverlayDirs dirs;
  for (const std::string& option : line.super_options) {
    const size_t equals = option.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = option.substr(0, equals);
    const std::string value = unescape(std::string_view(option).substr(equals + 1));
    if (name == "lowerdir") dirs.lower = lower_dirs(value);
    if (name == "lowerdir+" || name == "datadir+") dirs.lower.push_back(value);
    if (name == "upperdir") dirs.upper = value;
    if (name == "workdir") dirs.work = value;
  }
  return dirs;
}

}  // namespace minirun::mount
