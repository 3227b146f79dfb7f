// Says what a file is that is no saved image: a web page, a root file system, text that a shell
// wrote into the file. People meet these more often than a damaged archive.
#pragma once

#include <string>
#include <string_view>

#include "image/archive/archive.h"

namespace minirun::image {

/// Throws the ImageError for a file that is no tar archive, from how it begins. `outer` names the
/// compression around it; empty if there is none.
[[noreturn]] void refuse_no_tar(const std::string& name, std::string_view outer,
                                std::string_view first);

/// The archive has no manifest. Throws an ImageError that says what it seems to be instead.
[[noreturn]] void refuse_no_image(const Archive& archive);

}  // namespace minirun::image
