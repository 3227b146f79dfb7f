// Turns tar entries into the files of one layer, in the form that overlay needs.
//
//     etc/passwd             a file                         the same file
//     etc/.wh.shadow         whiteout: hides etc/shadow     etc/shadow, char device 0:0
//     var/.wh..wh..opq       opaque: hides all below        var, xattr trusted.overlay.opaque=y
//
// The archive is untrusted, and this code runs as root. So it opens nothing by a path of the
// archive. It opens each parent directory with openat2(RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS), and
// makes the last part with O_EXCL, or with an *at call that follows no symlink. Modes and times of
// directories are set last, deepest first, because each write in a directory changes its times.
//
// Sources: image-spec, layer.md "Representing Changes"; overlayfs.rst, "whiteouts and opaque
// directories".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "image/tar/tar.h"

namespace minirun::image {

/// What a layer has. `notes` says what was dropped on purpose, for one summary line: "3 ACL
/// records", "user.overlay.opaque on 2 entries".
struct LayerStats {
  uint64_t entries = 0;
  uint64_t bytes = 0;           ///< of file content
  uint64_t room = 0;            ///< bytes on a disk, with inodes, directories and attributes
  bool has_root_entry = false;  ///< the layer has an entry for its root directory
  std::vector<std::string> notes;
  /// Directories with whiteouts that are only right if a lower layer has this directory too
  /// (whiteouts.h). Paths from the layer's root.
  std::vector<std::string> whiteout_dirs;
};

/// How much one layer may write (test cases 53 to 56). More is an ImageError.
struct LayerLimits {
  uint64_t bytes = UINT64_MAX;  ///< of LayerStats::room
  uint64_t entries = 2'000'000;
};

/// Takes the entries of a layer.
class LayerSink {
 public:
  virtual ~LayerSink() = default;
  /// Takes one entry, and its content from `tar`.
  virtual void write(const TarEntry& entry, TarReader& tar) = 0;
  /// Call once, after the last entry.
  virtual LayerStats finish() = 0;

 protected:
  LayerSink() = default;
  LayerSink(const LayerSink&) = default;
  LayerSink& operator=(const LayerSink&) = default;
};

class LayerWriter : public LayerSink {
 public:
  /// Writes below the directory `diff` (borrowed, empty). `name` is what messages call the layer.
  LayerWriter(int diff, std::string name, LayerLimits limits);
  ~LayerWriter() override;
  LayerWriter(const LayerWriter&) = delete;
  LayerWriter& operator=(const LayerWriter&) = delete;

  /// Writes one entry; takes its content from `tar`. Throws ImageError (the entry is not allowed)
  /// or SysError.
  void write(const TarEntry& entry, TarReader& tar) override;
  /// Sets the modes and times of directories.
  LayerStats finish() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace minirun::image
