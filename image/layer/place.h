// Where the layers of an archive go as they are read: to disk (staging.h), or nowhere (preview.h).
#pragma once

#include <string>

#include "image/layer/unpack.h"

namespace minirun::image {

/// A layer that was read to its end. `dir` is its name where it was put; empty if it was only
/// verified.
struct ReadLayer {
  UnpackedLayer found;
  std::string dir;
};

class LayerPlace {
 public:
  virtual ~LayerPlace() = default;
  LayerPlace(const LayerPlace&) = delete;
  LayerPlace& operator=(const LayerPlace&) = delete;

  /// Reads the layer `bytes`; `name` is what messages call it. What a layer that fails has put
  /// there is gone again. Throws ImageError, SysError.
  virtual ReadLayer unpack(ByteStream& bytes, const std::string& name) = 0;
  /// One more of a layer that was put there. Returns its name.
  virtual std::string copy(const std::string& dir) = 0;

 protected:
  LayerPlace() = default;
};

}  // namespace minirun::image
