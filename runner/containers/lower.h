// The file `lower` in a container's directory: the layers that it uses. rmi takes the store's lock
// for itself alone, looks into these files, and then removes what nobody names.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun {

/// Writes the file while it holds the store's shared lock. Throws Error if a layer is gone by then:
/// an rmi came between the choice of the image and this step.
struct NameLayers {
  std::string store;                ///< "/var/lib/minirun"
  std::vector<std::string> layers;  ///< below overlay2/, topmost first: "l/ABC", "init/diff"
  std::string path;                 ///< of the file

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const NameLayers&) const = default;
};

}  // namespace minirun
