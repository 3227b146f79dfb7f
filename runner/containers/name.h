// A container's name: a symlink containers/@NAME -> ID, since symlink(2) is atomic and two runners
// can't both make it.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun {

/// Claims `name` for the container `id`. Taken by a container that exists: an Error that names it.
/// undo gives it back.
struct ClaimName {
  std::string containers_dir;
  std::string name;
  std::string id;
  bool keep = false;  ///< --keep: undo leaves it

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const ClaimName&) const = default;
};

}  // namespace minirun
