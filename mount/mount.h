// Mounts of the container's own: new file systems in its root, and what concerns the whole tree.
// (bind.h has mounts of what the host has.)
//
// Every target is resolved by openat2(RESOLVE_IN_ROOT) in live.root, and the mount is attached to
// that descriptor (move_mount(2)). So neither a symlink of the image nor a race can place it on the
// host.
//
// Source: mount_setattr(2), move_mount (linux/mount.h); mount_namespaces(7), "Shared subtrees".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Makes the whole tree MS_REC | MS_PRIVATE, or MS_SLAVE if a bind mount has to follow the host's
/// later mounts. From here on changes stay in this mount namespace.
struct MakePrivate {
  bool follows_host = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakePrivate&) const = default;
};

/// Mounts a new file system on `target`: proc, sysfs, tmpfs, devpts, mqueue.
struct Mount {
  std::string type;
  std::string root;                       ///< the merged directory, for the shell form
  std::string target;                     ///< absolute, in the container
  uint64_t attributes = 0;                ///< MOUNT_ATTR_*
  std::vector<std::string> options = {};  ///< of the file system: "mode=755", "newinstance"
  /// True for /proc, /sys and /dev: the target must be a directory and no symlink, because later
  /// steps rely on them (CVE-2019-19921). If false, symlinks are resolved, and the target is made
  /// if missing.
  bool no_symlink = false;
  /// For a tmpfs of the user's: it gets mode and owner of the directory that it covers, unless
  /// `options` say something else.
  bool like_target = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Mount&) const = default;
};

/// Makes the root read-only (--read-only). Mounts below it keep their own flags.
struct ReadOnlyRoot {
  std::string root;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ReadOnlyRoot&) const = default;
};

}  // namespace minirun::mount
