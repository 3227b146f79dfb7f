// One layer, from its bytes in the archive to files in a directory, in one pass on three threads:
//
//     caller:  member bytes -> [hash: blob digest] -> decompress -+-> ring of 8 blocks of 1 MiB
//     hasher:                                    ring -> sha256 = diff id
//     writer:                                    ring -> tar -> files
//
// Memory is constant. The three finish together; the first error of any stops the others and is
// thrown.
#pragma once

#include <cstdint>
#include <string>

#include "image/document/digest.h"
#include "image/layer/layer.h"
#include "image/stream/stream.h"

namespace minirun::image {

struct UnpackedLayer {
  Digest blob;             ///< of the member's bytes
  uint64_t blob_size = 0;  ///< bytes of the member
  Digest diff_id;          ///< of the uncompressed tar
  uint64_t diff_size = 0;
  LayerStats stats;
};

/// Reads `member` to its end into `sink`, or only verifies it where that is null: what is hashed is
/// all the same. Both are borrowed. `name` is what messages call the layer. Throws ImageError,
/// SysError.
UnpackedLayer unpack_layer(ByteStream& member, LayerSink* sink, const std::string& name);

// Where the layers of an archive go as they are read: to disk (staging.h), or nowhere (preview.h).

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
