// Volumes: directories of the store that outlive a container.
//
//     volumes/<name>/_data      what the container sees (Docker's layout)
//     volumes/<name>/anonymous  there if nobody named it: it goes with its container
//
// An empty volume over a directory of the image gets that directory's content, once, before it is
// mounted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes: Docker's rule, and no path can be built with it.
bool is_volume_name(std::string_view name);

/// Makes volumes/<name>/_data if missing (0755, root's). Host step. undo removes an anonymous one,
/// unless its container is kept.
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

/// Copies what the image has at `target` into the volume, if the volume is empty: owners, modes,
/// times, xattrs, hard links, symlinks; the directory's own owner and mode too. Device nodes are
/// left out, and live.note says so: in a volume the host's device would stand. The copy
/// is made beside `_data`, and moved in when it is whole: what a killed runner left is made again
/// or moved on, and a container that runs with the empty volume keeps it. Several runners at once
/// make one. What is mounted in the container does not belong to the image's content. Child step,
/// before the mount.
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
