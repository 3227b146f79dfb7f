// A container's name is a symlink, names/NAME -> ../containers/ID. symlink(2) is atomic, so only
// one of two runners can make it.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun {

/// Claims `name` for a container. If another container has the name, throws Error that names this
/// container. undo removes the name.
struct ClaimName {
  std::string names_dir;  ///< "/var/lib/minirun/names"
  std::string name;
  std::string target;  ///< the container's directory from there: "../containers/ID"
  bool keep = false;   ///< --keep: undo leaves it

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  void undo(Live& live) const;
  std::string undo_shell() const;
  bool operator==(const ClaimName&) const = default;
};

}  // namespace minirun
