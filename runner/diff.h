// What a container wrote, told from its upper directory.
#pragma once

#include <string>
#include <vector>

namespace minirun {

struct Change {
  char kind;         ///< 'A' added, 'C' changed, 'D' deleted
  std::string path;  ///< absolute, as the container saw it
  bool operator==(const Change&) const = default;
};

/// Compares the upper directory with the image's layers (directories of files, topmost first), as
/// docker diff does. Sorted by path.
std::vector<Change> diff_upper(const std::string& upper, const std::vector<std::string>& layers);

}  // namespace minirun
