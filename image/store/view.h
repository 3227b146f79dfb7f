// What a container's specification needs of an image besides its config: the places of its layers,
// and a few of its files.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/store/store.h"

namespace minirun::image {

struct View {
  std::string store;               ///< the store's root directory
  std::vector<std::string> lower;  ///< directories for overlay below its overlay2/, topmost first
  mode_t root_mode = 0755;         ///< of the image's root directory
  uid_t root_uid = 0;
  gid_t root_gid = 0;
  /// The content of a small file, by its absolute path; nullopt if it doesn't exist.
  std::function<std::optional<std::string>(const std::string& path)> read;
};

/// The view of an image in the store.
View view_of(const Store& store, const Image& image);

}  // namespace minirun::image
