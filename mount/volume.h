// Volumes: directories of the store that outlive a container.
//
//     volumes/<name>/_data      what the container sees (Docker's layout)
//     volumes/<name>/anonymous  marks a volume without a name: it is removed with its container
//
// If an empty volume will cover a directory of the image, it first gets a copy of that directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes. This is Docker's rule; such a name can't be a
/// path.
bool is_volume_name(std::string_view name);

/// Makes volumes/<name>/_data if missing (mode 0755, owner root). Host step. undo removes an
/// anonymous volume, unless its container is kept.
struct MakeVolume {
  std::string volumes_dir;  ///< "/var/lib/minirun/volumes"
  std::string name;
  bool anonymous = false;
  bool keep = false;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const MakeVolume&) const = default;
};

/// Copies the image's content at `target` into the volume, if the volume is empty: owners, modes,
/// times, xattrs, hard links, symlinks, and the directory's own owner and mode. Leaves out device
/// nodes, which would be the host's devices, and says so in live.note. Makes the copy beside
/// `_data` and moves it in when it is complete. If a runner was killed in between, the next one
/// makes the copy again or finishes the move. `_data` stays the same directory for containers that
/// have it mounted already. Several runners at once make one copy. Mounts below `target` are not
/// copied, because they are not the image's content. Child step, before the mount.
struct FillVolume {
  std::string root;    ///< the merged directory, for the shell form
  std::string target;  ///< absolute, in the container
  std::string volumes_dir;
  std::string name;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const FillVolume&) const = default;
};

}  // namespace minirun::mount
