// An entry as libarchive tells it, turned into values that fit the system calls they are made for.
#pragma once

#include <archive_entry.h>

#include <string>

#include "image/tar/tar.h"

namespace minirun::image {

/// `name` is what messages call the archive. Throws ImageError for what no file can have.
TarEntry take_entry(::archive_entry* entry, const std::string& name);

}  // namespace minirun::image
