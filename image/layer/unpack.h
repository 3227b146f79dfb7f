// Reads one layer's bytes in the archive and writes its files, in one pass, on three threads:
//
//     caller:  member bytes -> [hash: blob digest] -> decompress -+-> ring of 8 blocks of 1 MiB
//     hasher:                                    ring -> sha256 = diff id
//     writer:                                    ring -> tar -> files
//
// The memory does not depend on the layer's size. The three threads finish together. The first
// error of one stops the others and is thrown.
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

/// Reads `member` to its end and writes its entries to `sink`. If `sink` is null, only hashes it,
/// in the same way. Both are borrowed. `name` is the layer's name in messages. Throws ImageError,
/// SysError.
UnpackedLayer unpack_layer(ByteStream& member, LayerSink* sink, const std::string& name);

// The place for the layers of an archive while they are read: the disk (staging.h), or none
// (preview.h).

/// A layer that was read to its end. `dir` is its name in the place; empty if it was only verified.
struct ReadLayer {
  UnpackedLayer found;
  std::string dir;
};

class LayerPlace {
 public:
  virtual ~LayerPlace() = default;
  LayerPlace(const LayerPlace&) = delete;
  LayerPlace& operator=(const LayerPlace&) = delete;

  /// Reads the layer `bytes`; `name` is its name in messages. If it fails, removes what it has
  /// written. Throws ImageError, SysError.
  virtual ReadLayer unpack(ByteStream& bytes, const std::string& name) = 0;
  /// Makes a copy of a layer in this place. Returns the copy's name.
  virtual std::string copy(const std::string& dir) = 0;

 protected:
  LayerPlace() = default;
};

}  // namespace minirun::image
