// Which layers have a path, and what hides it in those that are not shown.
//
//     layer 3    d, opaque            shown
//     layer 2    (nothing)
//     layer 1    d/old                hidden: d of layer 3 is opaque
//
// Overlay stops at the first layer that decides. Here all layers are searched, so people see what
// is hidden too. The rules are those of stack.h.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "image/layer/stack.h"

namespace minirun::image {

/// What hides a path that lower layers have.
struct Cover {
  enum class Kind {
    whiteout,   ///< of the path, or of a directory above it
    opaque,     ///< the directory at the path, or one above it, is opaque
    file,       ///< no directory, at the path or in place of a directory above it
    directory,  ///< a directory at the path: it hides a file of a lower layer
  };
  Kind kind;
  size_t layer;      ///< index into the stack, 0 the topmost
  std::string path;  ///< of the cover itself, relative to the root
  bool operator==(const Cover&) const = default;
};

struct Sighting {
  size_t layer = 0;
  struct stat status {};
  std::optional<Cover> hidden_by;  ///< nullopt: it is shown, or merged into the directory shown
};

struct Sightings {
  std::vector<Sighting> seen;  ///< topmost first, without whiteouts
  std::optional<Cover> cover;  ///< the topmost one, even if no lower layer has the path
};

/// Follows no symlink in `path`. (Stack::resolve makes such a path.)
Sightings sight(const Stack& stack, const std::string& path);

}  // namespace minirun::image
