// What a process sees mounted, as the kernel tells it.
//
//     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
//     id |  |    |     |     |          |          |    |         options of the file system
//        |  |    |     |     |          |          |    source
//        |  |    |     |     |          |          type
//        |  |    |     |     |          propagation: none (private), shared:N, master:N, unbindable
//        |  |    |     |     options of this mount
//        |  |    |     mount point, from the process's root
//        |  |    what of the file system is mounted: "/" is all of it, else a bind mount
//        parent
//
// Source: proc(5), "/proc/[pid]/mountinfo"; mount_namespaces(7), "/proc/[pid]/mountinfo".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun::mount {

struct MountLine {
  uint64_t id = 0, parent = 0;
  std::string device;  ///< "98:0"
  std::string root;
  std::string point;
  std::vector<std::string> options;      ///< "rw", "noatime"
  std::vector<std::string> propagation;  ///< "shared:1", "master:2"; empty: private
  std::string type;
  std::string source;
  std::vector<std::string> super_options;  ///< the kernel's escapes still in them

  bool operator==(const MountLine&) const = default;
};

/// The lines of a mountinfo, escapes taken out of their paths. Malformed lines are left out.
std::vector<MountLine> parse_mountinfo(std::string_view text);

/// "\040" is a space: octal escapes as seq_path(9) writes them. All other text stays as it is.
std::string unescape(std::string_view text);

/// Each mount after its parent, and how deep it is in the tree.
struct TreeLine {
  size_t index;  ///< in the lines given
  size_t depth;
};
std::vector<TreeLine> mount_tree(const std::vector<MountLine>& lines);

/// The directories of an overlay, as they were named when it was mounted.
struct OverlayDirs {
  std::vector<std::string> lower;  ///< topmost first
  std::string upper, work;         ///< empty in an overlay that can't be written to

  bool operator==(const OverlayDirs&) const = default;
};
/// nullopt for a mount of another type.
std::optional<OverlayDirs> overlay_dirs(const MountLine& line);

}  // namespace minirun::mount
