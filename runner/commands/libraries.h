// Which shared libraries a program of an image loads, and from where.
//
// The loader is a program of the image and can't be asked. This looks where it would look: in the
// ELF file's own list, in LD_LIBRARY_PATH, in the directories of its configuration, in its own.
//
// Source: ld.so(8), "DESCRIPTION", "Rpath token expansion"; ldconfig(8); musl, ldso/dynlink.c.
#pragma once

#include <string>
#include <vector>

#include "image/layer/stack.h"

namespace minirun {

struct Library {
  std::string name;       ///< "libc.so.6"
  std::string needed_by;  ///< the path of the program, or of another library
  std::string path;       ///< where the loader will find it; empty: nowhere
};

/// Those that the program needs, and those that they need. `env` is the program's, "NAME=value".
std::vector<Library> libraries_of(const image::Stack& stack, const std::string& program,
                                  const std::vector<std::string>& env);

}  // namespace minirun
