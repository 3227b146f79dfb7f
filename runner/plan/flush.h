// Layers that were just unpacked, made to survive a power cut while the container runs.
//
// Flushing may take seconds and must delay neither the start nor the exit, so a process of its own
// does it: it holds nothing of the container, and if it dies the layers only count as not yet
// durable (image/store/store.h).
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
