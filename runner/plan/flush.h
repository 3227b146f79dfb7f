// Flushes new layers to the disk while the container runs, so they survive a power cut.
//
// Flushing may take seconds, and must delay neither the start nor the exit. So a separate process
// does it, with no descriptor and no namespace of the container. If it dies, the layers only count
// as not durable yet (image/store/store.h).
#pragma once

#include <string>
#include <vector>

#include "image/document/digest.h"
#include "runner/base/live.h"

namespace minirun {

struct FlushLayers {
  std::string store;  ///< its root directory
  std::vector<image::Digest> chain;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const FlushLayers&) const = default;
};

}  // namespace minirun
