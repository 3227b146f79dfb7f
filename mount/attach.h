// What the ops of this directory share: how a mount is made out of sight and then attached by
// descriptor.
//
//     fsopen, fsconfig, fsmount     a new file system --+
//                                                        +--> move_mount(2) onto what openat2(2)
//     open_tree(OPEN_TREE_CLONE)    a copy of a tree ---+     found in the root of the image
//
// A mount that isn't attached yet is seen by nobody, so its flags are in force before its first
// use.
//
// Sources: mount_setattr(2); linux/mount.h; Documentation/filesystems/mount_api.rst.
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::mount {

/// The container's root, in which paths of the image are resolved. Throws Error where no step has
/// made one (--skip overlay).
int root_of(const Live& live);

/// Where a path of the container lies on the host, until pivot_root(2).
std::string host_path(const std::string& root, const std::string& path);
/// The same, quoted for a shell.
std::string shell_path(const std::string& root, const std::string& path);

/// The line that sets $at to the same, every symlink on the way resolved in the container, by a
/// function that the script begins with: the image may have one at any place of the path, and until
/// pivot_root it would lead a shell out to the host's files.
std::string shell_inside(const std::string& root, const std::string& path);

/// A new file system, not attached. `attributes` are MOUNT_ATTR_*. Throws SysError; its hint is
/// what the kernel says.
UniqueFd new_mount(const std::string& type, const std::vector<std::string>& options,
                   uint64_t attributes);

/// A copy of the mount at `dir`, not attached; with what is mounted below it where `recursive`.
/// Throws SysError.
UniqueFd clone_mount(int dir, bool recursive);

/// Sets MOUNT_ATTR_* on a mount; everything below it too where `recursive`, which also gets that
/// propagation (MS_*).
void set_attributes(int mount, uint64_t attributes, bool recursive, const std::string& path,
                    uint64_t propagation = MS_PRIVATE);

/// Attaches a mount to what the descriptor `target` names; `path` is for messages.
void attach(int mount, int target, const std::string& path);

// The same for calls(): what these functions do, as strace(1) prints it. `what` and `point` say
// what a descriptor is of: "proc", "merged/proc".
std::vector<std::string> new_mount_calls(const std::string& type,
                                         const std::vector<std::string>& options,
                                         uint64_t attributes);
std::string clone_mount_call(const std::string& what, bool recursive);
std::string set_attributes_call(const std::string& what, uint64_t attributes, bool recursive,
                                const char* propagation = "MS_PRIVATE");
std::string attach_call(const std::string& what, const std::string& point);

/// How calls() names a descriptor of a path of the container: "merged/proc".
std::string short_path(const std::string& root, const std::string& path);

/// For look(): the line of /proc/$PID/mountinfo with what is mounted at this path of the host.
std::string look_at_mount(const std::string& path);
/// For look(): all that is mounted below these paths of the host.
std::string look_at_mounts_below(const std::vector<std::string>& paths);
/// For look(): a path of the host as the container's mount namespace has it, quoted for a shell.
std::string path_in_namespace(const std::string& path);

/// Opens `path` (O_PATH) in `root` if no part of it is a symlink; nullopt if it is missing. Throws
/// ImageError where a part is a symlink.
std::optional<UniqueFd> open_without_links(int root, const std::string& path);

}  // namespace minirun::mount
