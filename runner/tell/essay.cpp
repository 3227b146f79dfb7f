#include "runner/tell/essay.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

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

namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

/// How often the word stands in the text, as a word of its own or in the plural.
size_t count_word(std::string_view text, std::string_view word) {
  const auto is_letter = [&](size_t at) {
    return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 ||
                                text[at] == '_' || text[at] == '-');
  };
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool is_plural = end < text.size() && text[end] == 's';
    const bool begins = at == 0 || !is_letter(at - 1);
    if (begins && !is_letter(is_plural ? end + 1 : end)) ++count;
  }
  return count;
}

std::string lower_singular(std::string_view word) {
  std::string lower = lower_case(word);
  if (lower.size() > 3 && lower.ends_with('s')) lower.pop_back();
  return lower;
}

}  // namespace

bool has_word(std::string_view text, std::string_view word) {
  return count_word(lower_case(text), lower_singular(word)) > 0;
}

std::vector<Essay> essays_about(std::string_view concept_name) {
  const std::string word = lower_singular(concept_name);
  std::vector<std::pair<size_t, Essay>> found;
  for (const Essay& essay : essays()) {
    // What its title says it is about weighs more than a mention.
    const size_t count = 5 * count_word(lower_case(essay.title), word) +
                         count_word(lower_case(essay.without), word) +
                         count_word(lower_case(essay.text), word);
    if (count > 0) found.emplace_back(count, essay);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Essay> about;
  about.reserve(found.size());
  for (auto& [count, essay] : found) about.push_back(essay);
  return about;
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
