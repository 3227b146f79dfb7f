// -v, --mount and --tmpfs: turns words into mounts. Looks at no file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/commands/options.h"
#include "runner/plan/spec.h"

namespace minirun {

/// All mounts of a command line, outer targets before inner ones. A relative bind source is
/// relative to `cwd` (empty: there is no working directory). Throws UsageError: unknown words, a
/// relative or reserved target, the same target twice.
std::vector<MountSpec> parse_mounts(const Options& options, const std::string& cwd);

MountSpec parse_volume_option(std::string_view text, const std::string& cwd);  ///< -v
MountSpec parse_mount_option(std::string_view text, const std::string& cwd);   ///< --mount
MountSpec parse_tmpfs_option(std::string_view text);                           ///< --tmpfs

/// Adds one word of a tmpfs's options: a flag or an option of the file system. Throws UsageError
/// that begins with `option` if the word isn't known or its value is not valid.
void add_tmpfs_option(MountSpec& mount, std::string_view word, std::string_view option);

/// Throws UsageError for a target that must stay the container's own: "/", /proc, /sys and below,
/// /dev itself.
void check_target(const std::string& target, std::string_view option);

/// Sorts outer targets before inner ones. Otherwise the order stays as it was given.
void sort_by_depth(std::vector<MountSpec>& mounts);

}  // namespace minirun
