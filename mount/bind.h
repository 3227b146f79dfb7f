// Files and directories of the host, seen in the container: -v, volumes, /etc/hosts and others.
//
// As in mount.h, the target is resolved in live.root, and the mount is attached to its descriptor.
// This is done before pivot_root, because the source is a path of the host's.
//
// Source: open_tree and move_mount (linux/mount.h); mount_namespaces(7), "Shared subtrees".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Binds a file or directory of the host to `target`, with all mounts below it. If `target` is
/// missing, makes it: a file for a file, a directory for a directory.
struct Bind {
  std::string source;       ///< on the host
  std::string root;         ///< the merged directory, for the shell form
  std::string target;       ///< absolute, in the container
  uint64_t attributes = 0;  ///< MOUNT_ATTR_*, also for the mounts below the source
  /// The source is minirun's own: a volume's _data. Its last parts must not be symlinks.
  bool own_source = false;
  bool recursive = true;      ///< also bind the mounts below the source
  bool follows_host = false;  ///< MS_SLAVE: also show later mounts of the host there

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Bind&) const = default;
};

}  // namespace minirun::mount
