// Names that a person may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace minirun {

/// Names similar to `word`, the most similar first, four at most; may be empty.
std::vector<std::string> near_matches(std::string_view word, const std::vector<std::string>& names);

}  // namespace minirun
