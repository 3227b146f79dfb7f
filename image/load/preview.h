// Reads an image from an archive and does not load it: for a dry run, which needs no root and
// changes nothing.
//
// Every digest is verified, as in a load. The layers are not written. Only what a container's
// specification needs is kept: etc/passwd, etc/group, and mode and owner of the root directory.
#pragma once

#include <string>

#include "image/load/load.h"
#include "image/store/view.h"

namespace minirun::image {

struct Preview {
  Image image;
  View view;
};

/// Reads `path` to its end. `store_root` is the store in which the image would be. Throws
/// ImageError, UsageError (several images and none chosen), SysError.
Preview preview(const std::string& path, const std::string& store_root, const LoadOptions& options);

}  // namespace minirun::image
