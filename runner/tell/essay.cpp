#include "runner/tell/essay.h"

#include <string>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/plan/skip.h"

namespace minirun {
namespace {

struct Row {
  const char* step;
  const char* page;
};
constexpr Row rows[] = {
#include "essays.inc"
};

/// A page opens with "name: value" lines and an empty line.
std::string_view header(std::string_view page, std::string_view name) {
  for (const std::string_view line : split(page.substr(0, page.find("\n\n")), '\n')) {
    if (line.starts_with(name)) return line.substr(name.size());
  }
  return {};
}

Essay read_page(const Row& row) {
  const std::string_view page = row.page;
  return {row.step, header(page, "source: "), header(page, "without: "),
          page.substr(page.find("\n\n") + 2), header(page, "title: ")};
}

}  // namespace

std::string_view family_of(std::string_view step_id) {
  const std::string_view rest = step_id.substr(0, step_id.find_last_not_of("0123456789") + 1);
  const bool has_number = rest.size() < step_id.size() && rest.ends_with('-');
  return has_number ? rest.substr(0, rest.size() - 1) : step_id;
}

std::optional<Essay> find_essay(std::string_view step_id) {
  for (const Row& row : rows) {
    if (family_of(step_id) == row.step) return read_page(row);
  }
  return std::nullopt;
}

std::vector<Essay> essays() {
  std::vector<Essay> all;
  for (const Row& row : rows) all.push_back(read_page(row));
  return all;
}

std::vector<std::string> skip_warnings(const std::vector<std::string>& ids) {
  std::vector<std::string> lines;
  for (const std::string& id : ids) {
    const auto essay = find_essay(id);
    std::string line =
        cat("step ", id, " is left out", essay ? ": " : "", essay ? essay->without : "");
    for (const std::string_view other : goes_with(id))
      line += cat("; step ", other, " goes with it");
    lines.push_back(line);
  }
  return lines;
}

}  // namespace minirun
