// Directories and small files on the host that a container is made of. They outlive the kernel's
// own cleanup, so the first of them, the container's own directory, has an undo; it takes the
// others with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// Makes `path` (0700) and holds a lock on it in live.lock for as long as this runner lives
/// (runner/base/locked_dir.h). undo removes all below it, never across a mount; with `keep` it only
/// lets go of the lock.
struct MakeContainerDir {
  std::string path;
  bool keep = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const MakeContainerDir&) const = default;
};

/// mkdir(2) with exactly this mode and owner, whatever the umask.
struct MakeDir {
  std::string path;
  mode_t mode = 0700;
  uid_t uid = 0;
  gid_t gid = 0;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeDir&) const = default;
};

/// mkdir -p on the host (0755): the missing source of a bind mount.
struct MakeSource {
  std::string path;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeSource&) const = default;
};

/// A new small file on the host with exactly this mode.
struct WriteFile {
  std::string path;
  std::string content;
  mode_t mode = 0644;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const WriteFile&) const = default;
};

/// mkdir -p inside the merged root (0755, root's), each part resolved there: WorkingDir.
struct MakeDirInRoot {
  std::string root;  ///< the merged directory, for the shell form
  std::string path;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeDirInRoot&) const = default;
};

}  // namespace minirun::mount
