// Some files of /proc and /sys tell about the whole machine, or control it. They are hidden, or
// made read-only.
//
// A file is hidden under /dev/null, a directory under an empty read-only tmpfs. A missing file
// needs no mask. Two checks are made by descriptor. The cover must be the char device 1:3: an image
// could win a race and put another file in its place (CVE-2025-31133). And the masked file must be
// on procfs or sysfs (CVE-2025-52881).
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
