// What a container wrote, told from its upper directory; and what a layer says, told from its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace minirun::image {

struct Change {
  char kind;         ///< 'A' added, 'C' changed, 'D' deleted
  std::string path;  ///< absolute, as the container saw it
  bool operator==(const Change&) const = default;
};

/// Compares the upper directory with the image's layers (directories of files, topmost first), as
/// docker diff does. Sorted by path. A whole directory that is gone is one name.
std::vector<Change> diff_upper(const std::string& upper, const std::vector<std::string>& layers);

struct ChangeCounts {
  uint64_t added = 0, changed = 0, deleted = 0;
  bool operator==(const ChangeCounts&) const = default;
};

/// The same, counted. A layer is compared with those below it.
ChangeCounts count_changes(const std::string& upper, const std::vector<std::string>& layers);

}  // namespace minirun::image
