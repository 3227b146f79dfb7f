// The changes that a container made, read from its upper directory; and the changes of a layer,
// read from the layer's directory.
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

/// Compares the upper directory with the image's layers (their directories, topmost first), as
/// docker diff does. Sorted by path. A deleted directory is one change, without its files.
std::vector<Change> diff_upper(const std::string& upper, const std::vector<std::string>& layers);

struct ChangeCounts {
  uint64_t added = 0, changed = 0, deleted = 0;
  bool operator==(const ChangeCounts&) const = default;
};

/// The numbers of these changes. To count those of a layer, give it as `upper`, and the layers
/// below.
ChangeCounts count_changes(const std::string& upper, const std::vector<std::string>& layers);

}  // namespace minirun::image
