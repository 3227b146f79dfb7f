// Which layers have a path, and why those that are not shown are hidden.
//
//     layer 3    d, opaque            shown
//     layer 2    (nothing)
//     layer 1    d/old                hidden: d of layer 3 is opaque
//
// Overlay itself looks no further than the first layer that decides; here all are asked, so that a
// person sees what was decided about. Rules as in stack.h.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "image/layer/stack.h"

namespace minirun::image {

/// What hides a path of the layers below.
struct Cover {
  enum class Kind {
    whiteout,   ///< at the path or above it
    opaque,     ///< a directory above the path, or at it
    file,       ///< something that is no directory, at the path or above it
    directory,  ///< a directory at the path: it hides non-directories below
  };
  Kind kind;
  size_t layer;      ///< index into the stack, 0 the topmost
  std::string path;  ///< where it stands, relative to the root
  bool operator==(const Cover&) const = default;
};

struct Sighting {
  size_t layer = 0;
  struct stat status {};
  std::optional<Cover> hidden_by;  ///< none: it is shown, or merged into the directory shown
};

struct Sightings {
  std::vector<Sighting> seen;  ///< topmost first; whiteouts are not among them
  std::optional<Cover> cover;  ///< the topmost that hides the path, even where nothing is below
};

/// `path` is taken as it lies there: through no symlink (Stack::resolve gives such a one).
Sightings sight(const Stack& stack, const std::string& path);

}  // namespace minirun::image
