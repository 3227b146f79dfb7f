// The overlay: all layers of the image seen as one directory, with a layer of its own on top for
// what the container writes.
//
//     merged   what the container sees     upper wins over lower; a char device 0:0 hides a name
//     upper    what the container wrote    a lower file is copied up here before its first write
//     lower    the image's layers, read only
//     work     where overlay prepares a file before it renames it into upper
//
// Source: Documentation/filesystems/overlayfs.rst, "Upper and Lower", "Multiple lower layers",
// "Volatile mount".
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Mounts `merged` and opens it as live.root; the working directory is as before. Names in `lower`
/// (topmost first) are relative to `base`, because mount(2) takes one page of options and 127
/// layers by their full names don't fit in it.
struct Overlay {
  std::string base;  ///< the store's overlay2 directory
  std::vector<std::string>
      lower;  ///< "l/ABC…"; a name that stands twice is used once, overlay refuses it (ELOOP)
  std::string upper, work, merged;
  /// The upper directory is not synced at unmount. It is thrown away, so nobody needs it on disk.
  /// Not with --keep: it leaves a mark in work/ that forbids mounting it again.
  bool is_volatile = true;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Overlay&) const = default;
};

/// The option string of the mount. Where the names don't fit in a page, or have a character at
/// which overlay splits its options, it names numbered symlinks in `short` beside the work
/// directory instead. Throws Error for more layers than the kernel's 500.
std::string overlay_options(const Overlay& overlay);

}  // namespace minirun::mount
