// Which image of an archive is meant.
#pragma once

#include <string>
#include <vector>

#include "image/load/load.h"
#include "image/store/store.h"

namespace minirun::image {

/// Indexes into `found` of what the options choose: by name or id, then by platform. Several
/// platforms of one image are one image. Throws UsageError (nothing chosen among several, or no
/// such name; lists all), ImageError (no image for the platform).
std::vector<size_t> choose(const std::vector<ArchiveImage>& found, const LoadOptions& options,
                           const std::string& archive);

/// An ImageError: made for another platform than the one wanted.
[[noreturn]] void refuse_platform(const std::string& archive, const std::string& made_for,
                                  const LoadOptions& options);

Platform wanted_platform(const LoadOptions& options);

}  // namespace minirun::image
