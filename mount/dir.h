// Directories and small files on the host that a container needs. They are in the container's
// directory (runner/containers/dir.h), and are removed with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// mkdir(2) with exactly this mode and owner; the umask doesn't change them.
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

/// Makes the missing source of a bind mount: mkdir -p on the host, mode 0755.
struct MakeSource {
  std::string path;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MakeSource&) const = default;
};

/// Makes a new small file on the host with exactly this mode.
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

/// Makes WorkingDir: mkdir -p inside the merged root (mode 0755, owner root). Each part of the path
/// is resolved in that root.
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
