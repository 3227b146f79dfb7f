// -v, --mount and --tmpfs: from what a person typed to mounts, before anything is looked at.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/commands/options.h"
#include "runner/plan/spec.h"

namespace minirun {

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
