// Directories and small files on the host that a container is made of. They lie in the container's
// directory (runner/containers/dir.h) and go with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

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
