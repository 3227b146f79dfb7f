// What `minirun gc --check` finds: something in the store that belongs to nobody.
#pragma once

#include <string>

namespace minirun {

struct Stray {
  std::string path;  ///< in the store: "overlay2/3f..."
  std::string why;   ///< "no image has this layer"
};

}  // namespace minirun
