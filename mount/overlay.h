// The overlay: shows all layers of the image as one directory. A directory on top takes what the
// container writes.
//
//     merged   what the container sees     upper wins over lower; a char device 0:0 hides a name
//     upper    what the container wrote    a lower file is copied up here before its first write
//     lower    the image's layers, read only
//     work     overlay prepares a file here before it renames it into upper
//
// Source: Documentation/filesystems/overlayfs.rst, "Upper and Lower", "Multiple lower layers",
// "Volatile mount".
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Mounts the overlay on `merged` and opens it as live.root. The working directory stays as it was.
/// Names in `lower` (topmost first) are relative to `base`: mount(2) takes one page of options, and
/// the full names of 127 layers don't fit in it.
struct Overlay {
  std::string base;  ///< the store's overlay2 directory
  std::vector<std::string>
      lower;  ///< "l/ABC…"; a repeated name is used once, because overlay refuses two (ELOOP)
  std::string upper, work, merged;
  /// With the option volatile the upper directory is not flushed at unmount. It will be removed, so
  /// nobody needs it on disk. False with --keep: the option leaves a mark in work/, and then the
  /// kernel refuses to mount the directories again.
  bool is_volatile = true;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Overlay&) const = default;
};

/// The option string of the mount. If the names don't fit in a page, or have a character at which
/// overlay splits its options, it has numbered symlinks instead, in `short` beside the work
/// directory. Throws Error for more than 500 layers, the kernel's limit.
std::string overlay_options(const Overlay& overlay);

}  // namespace minirun::mount
