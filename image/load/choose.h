// Chooses an image of an archive.
#pragma once

#include <string>
#include <vector>

#include "image/load/load.h"
#include "image/store/store.h"

namespace minirun::image {

/// Indexes into `found` of the images that the options choose: by name or id, then by platform.
/// Several platforms of one image count as one image. Throws UsageError, which lists all images, if
/// there are several and none was chosen, or none has the name. Throws ImageError if no image is
/// for the platform.
std::vector<size_t> choose(const std::vector<ArchiveImage>& found, const LoadOptions& options,
                           const std::string& archive);

/// Throws an ImageError: the image is made for another platform than the one wanted.
[[noreturn]] void refuse_platform(const std::string& archive, const std::string& made_for,
                                  const LoadOptions& options);

Platform wanted_platform(const LoadOptions& options);

}  // namespace minirun::image
