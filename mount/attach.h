// Shared by the ops of this directory: makes a mount that isn't attached anywhere, and then
// attaches it by descriptor.
//
//     fsopen, fsconfig, fsmount     a new file system --+
//                                                        +--> move_mount(2) onto what openat2(2)
//     open_tree(OPEN_TREE_CLONE)    a copy of a tree ---+     found in the root of the image
//
// No process sees a mount that isn't attached yet. So its flags are set before its first use.
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

/// The container's root, in which paths of the image are resolved. Throws Error if no step has made
/// one (--skip overlay).
int root_of(const Live& live);

/// The host's path for a path of the container, until pivot_root(2).
std::string host_path(const std::string& root, const std::string& path);
/// The same, quoted for a shell.
std::string shell_path(const std::string& root, const std::string& path);

/// A line of shell that sets $at to the same, but with all symlinks resolved inside the container,
/// by a function at the beginning of the script. The image may have a symlink in any part of the
/// path, and until pivot_root an absolute one would lead the shell to the host's files.
std::string shell_inside(const std::string& root, const std::string& path);

/// `target` in the root, made as a directory or a file if it is missing, refused if it is the other
/// kind.
UniqueFd matching_target(int root, const std::string& target, bool is_dir);

/// Makes a mount of a new file system, not attached. `attributes` are MOUNT_ATTR_*. Throws
/// SysError; its hint is the kernel's own message.
UniqueFd new_mount(const std::string& type, const std::vector<std::string>& options,
                   uint64_t attributes);

/// Makes a copy of the mount at `dir`, not attached; with the mounts below it if `recursive`.
/// Throws SysError.
UniqueFd clone_mount(int dir, bool recursive);

/// Sets MOUNT_ATTR_* on a mount. If `recursive`, also on the mounts below it, and sets the
/// propagation (MS_*) of all of them.
void set_attributes(int mount, uint64_t attributes, bool recursive, const std::string& path,
                    uint64_t propagation = MS_PRIVATE);

/// Attaches a mount to the file or directory of the descriptor `target`. `path` is for messages.
void attach(int mount, int target, const std::string& path);

// The same for calls(): the system calls of these functions, as strace(1) prints them. `what` and
// `point` are the names for a descriptor: "proc", "merged/proc".
std::vector<std::string> new_mount_calls(const std::string& type,
                                         const std::vector<std::string>& options,
                                         uint64_t attributes);
std::string clone_mount_call(const std::string& what, bool recursive);
std::string set_attributes_call(const std::string& what, uint64_t attributes, bool recursive,
                                const char* propagation = "MS_PRIVATE");
std::string attach_call(const std::string& what, const std::string& point);

/// Names of MOUNT_ATTR_* for people and for mount(8): "nosuid,noexec,nodev,ro".
std::string attribute_names(uint64_t attributes);
/// For shell(): mount(8) adds the flags that the mount has by now.
std::string shell_remount(uint64_t attributes, const std::string& point);

/// The name that calls() uses for the descriptor of a path of the container: "merged/proc".
std::string short_path(const std::string& root, const std::string& path);

/// For look(): prints the line of /proc/$PID/mountinfo for the mount at this path of the host.
std::string look_at_mount(const std::string& path);
/// For look(): the same for a target in the root. Unless `no_symlink`, the image may lead it
/// elsewhere; then prints the newest mount, which is the last line.
std::string look_at_target(const std::string& root, const std::string& target, bool no_symlink);
/// For look(): prints all mounts below these paths of the host.
std::string look_at_mounts_below(const std::vector<std::string>& paths);
/// For look(): a path that leads to this place in the container's mount namespace, quoted for a
/// shell.
std::string path_in_namespace(const std::string& path);

/// Opens `path` (O_PATH) in `root`; nullopt if it is missing. Throws ImageError if a part of it is
/// a symlink.
std::optional<UniqueFd> open_without_links(int root, const std::string& path);

}  // namespace minirun::mount
