// -v, --mount and --tmpfs: from what a person typed to mounts, before anything is looked at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/commands/options.h"

namespace minirun {

/// One thing that the user, or the image's Volumes, wants to have mounted.
struct MountSpec {
  enum class Kind { bind, volume, tmpfs };
  Kind kind = Kind::bind;
  std::string
      source;  ///< a host path (bind), a volume's name (empty: nobody named it yet), "tmpfs"
  bool anonymous = false;  ///< a volume that goes with its container
  std::string target;      ///< absolute and clean
  bool read_only = false;
  bool copy_up = true;        ///< of a volume: `nocopy` says no
  bool recursive = true;      ///< of a bind: with what is mounted below the source
  bool follows_host = false;  ///< of a bind: with what the host mounts there later (MS_SLAVE)
  bool make_source = false;   ///< of a bind: make it if it is missing (-v does, --mount does not)
  uint64_t attributes = 0;    ///< MOUNT_ATTR_*, of a tmpfs
  std::vector<std::string> options;  ///< of the file system, of a tmpfs: "size=64m"

  bool operator==(const MountSpec&) const = default;
};

/// All mounts of a command line, outer targets before those inside them. A relative bind source is
/// taken from `cwd` (empty: there is none). Throws UsageError: what isn't understood, a relative or
/// reserved target, the same target twice.
std::vector<MountSpec> parse_mounts(const Options& options, const std::string& cwd);

MountSpec parse_volume_option(std::string_view text, const std::string& cwd);  ///< -v
MountSpec parse_mount_option(std::string_view text, const std::string& cwd);   ///< --mount
MountSpec parse_tmpfs_option(std::string_view text);                           ///< --tmpfs

/// Takes one word of a tmpfs's options: a flag or an option of the file system. Throws UsageError
/// that begins with `option` for one that isn't known or has a value that can't be meant.
void add_tmpfs_option(MountSpec& mount, std::string_view word, std::string_view option);

/// Throws UsageError for a target that must stay the container's own: "/", /proc, /sys and below,
/// /dev itself.
void check_target(const std::string& target, std::string_view option);

/// Outer targets before inner ones, in the order given where that doesn't matter.
void sort_by_depth(std::vector<MountSpec>& mounts);

}  // namespace minirun
