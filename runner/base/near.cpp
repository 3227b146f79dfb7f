#include "runner/base/near.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace minirun {
namespace {

/// Levenshtein's: how many letters to add, take away or change.
size_t distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < from.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < to.size(); ++j) {
      const size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> near_matches(std::string_view word,
                                      const std::vector<std::string>& names) {
  constexpr size_t most = 4;
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& name : names) {
    const bool is_part = word.size() > 1 && (name.find(word) != std::string::npos ||
                                             word.find(name) != std::string_view::npos);
    const size_t far = distance(word, name);
    if (is_part || far * 3 <= std::max(word.size(), name.size())) found.emplace_back(far, name);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (found.size() > most) found.resize(most);
  std::vector<std::string> nearest;
  nearest.reserve(found.size());
  for (auto& match : found) nearest.push_back(std::move(match.second));
  return nearest;
}

}  // namespace minirun
