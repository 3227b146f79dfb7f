// Turns an entry of libarchive into values that system calls accept.
#pragma once

#include <archive_entry.h>

#include <string>

#include "image/tar/tar.h"

namespace minirun::image {

/// `name` is the archive's name in messages. Throws ImageError for values that no file can have.
TarEntry take_entry(::archive_entry* entry, const std::string& name);

}  // namespace minirun::image
