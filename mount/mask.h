// Parts of /proc and /sys that tell about or steer the whole machine: hidden, or made read only.
//
// A file is hidden under /dev/null, a directory under an empty read-only tmpfs. What isn't there
// needs no mask. The thing used to mask is checked by descriptor to be char 1:3, since an image
// that races could put another file in its place (CVE-2025-31133); and what is masked is checked to
// lie on procfs or sysfs (CVE-2025-52881).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

struct MaskPaths {
  std::string root;  ///< the merged directory, for the shell form
  std::vector<std::string> paths;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const MaskPaths&) const = default;
};

struct ReadOnlyPaths {
  std::string root;
  std::vector<std::string> paths;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ReadOnlyPaths&) const = default;
};

}  // namespace minirun::mount
