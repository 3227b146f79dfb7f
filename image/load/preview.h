// An image as it would be once it is loaded, without loading it: for a dry run, which needs no root
// and changes nothing.
//
// Every digest is verified as in a load. The layers go nowhere; of their files only those are kept
// that a container's specification needs: etc/passwd, etc/group, the look of the root directory.
#pragma once

#include <string>

#include "image/load/load.h"
#include "image/store/view.h"

namespace minirun::image {

struct Preview {
  Image image;
  View view;
};

/// Reads `path` to its end. `store_root` is where the image would go. Throws ImageError, UsageError
/// (several images and none chosen), SysError.
Preview preview(const std::string& path, const std::string& store_root, const LoadOptions& options);

}  // namespace minirun::image
