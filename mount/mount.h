// Mounts inside the container's root: new file systems, and trees of the host bound into it.
//
// Every target is resolved by openat2(RESOLVE_IN_ROOT) in live.root, and the mount is attached to
// that descriptor (move_mount(2)), so that neither a symlink of the image nor a race can place it
// on the host. This is done before pivot_root, while the host's files can still be named.
//
// Source: mount_setattr(2), open_tree and move_mount (linux/mount.h); mount_namespaces(7), "Shared
// subtrees".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Changes from here on stay in this mount namespace: the whole tree becomes MS_REC | MS_PRIVATE,
/// or MS_SLAVE where a bind mount is to follow the host's.
struct MakePrivate {
  bool follows_host = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakePrivate&) const = default;
};

/// A new file system of a kernel type on `target`: proc, sysfs, tmpfs, devpts, mqueue.
struct Mount {
  std::string type;
  std::string root;                       ///< the merged directory, for the shell form
  std::string target;                     ///< absolute, in the container
  uint64_t attributes = 0;                ///< MOUNT_ATTR_*
  std::vector<std::string> options = {};  ///< of the file system: "mode=755", "newinstance"
  /// The target must be a real directory, not a symlink: for /proc, /sys and /dev, which others
  /// rely on (CVE-2019-19921). Otherwise it is resolved, and made if missing.
  bool no_symlink = false;
  /// Where a directory is covered, the new one has its mode and owner, as far as `options` don't
  /// say otherwise: for a tmpfs of the user's.
  bool like_target = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Mount&) const = default;
};

/// A file or directory of the host on `target`, with all that is mounted below it; `target` is made
/// to match if missing.
struct Bind {
  std::string source;       ///< on the host
  std::string root;         ///< the merged directory, for the shell form
  std::string target;       ///< absolute, in the container
  uint64_t attributes = 0;  ///< MOUNT_ATTR_*, for what is mounted below it too
  /// The source's last part must be no symlink and lies in a directory of ours: a named volume
  /// (_data).
  bool own_source = false;
  bool recursive = true;      ///< with what is mounted below the source
  bool follows_host = false;  ///< MS_SLAVE: with what the host mounts there later

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Bind&) const = default;
};

/// The root itself read only (--read-only); mounts inside it keep their own mode.
struct ReadOnlyRoot {
  std::string root;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ReadOnlyRoot&) const = default;
};

/// Flag names for people: "nosuid,noexec,nodev,ro".
std::string attribute_names(uint64_t attributes);

}  // namespace minirun::mount
