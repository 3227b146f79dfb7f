// Files by descriptor. These functions keep two rules of minirun:
//
//   * Every descriptor is close-on-exec, so no descriptor of the host gets into a container
//     (CVE-2024-21626).
//   * The kernel resolves a path of an image inside a root that we name, with openat2(2). So no
//     symlink, ".." or race leads out of it.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/unique_fd.h"

namespace minirun::files {

/// openat(2) with O_CLOEXEC. If `name` is absolute, `dir` does not matter (AT_FDCWD). Throws
/// SysError.
UniqueFd open_at(int dir, const std::string& name, int flags, mode_t mode = 0);

/// As open_at, but ENOENT is no error: it gives nullopt.
std::optional<UniqueFd> open_if_exists(int dir, const std::string& name, int flags);

/// openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | `resolve` and O_CLOEXEC: "/" is
/// `root`, ".." and absolute symlinks stay inside. Tries again on EAGAIN (a rename raced with
/// ".."). On failure returns -1 and sets errno; never throws.
int try_open_in_root(int root, const std::string& path, int flags, uint64_t resolve = 0);

/// The same, but throws SysError that names the path.
UniqueFd open_in_root(int root, const std::string& path, int flags, uint64_t resolve = 0);

/// Opens a directory below `root`. Makes what is missing (mode 0755, owner root), as mkdir -p would
/// after chroot(2). If a symlink is dangling, makes the directory that it names, inside `root`.
/// Returns an O_PATH descriptor. Throws SysError: ENOTDIR if a part of the path is no directory.
UniqueFd make_dir_in_root(int root, const std::string& path);

/// Opens a file below `root`. If it is missing, makes it (empty, mode 0644), with its directories.
/// Returns an O_PATH descriptor, which doesn't open the file itself, so a FIFO or device is no
/// risk.
UniqueFd make_file_in_root(int root, const std::string& path);

/// The whole content of a small regular file. Throws Error if it is longer than `limit`, or not a
/// regular file (a FIFO never blocks). Files of procfs and sysfs, which have size 0, are read to
/// their end.
std::string read_file(int dir, const std::string& name, size_t limit = 1 << 20);
std::string read_all(int fd, std::string_view name, size_t limit);

/// Writes all bytes, with more than one write(2) if it takes that.
void write_all(int fd, std::string_view bytes, std::string_view name);

/// Writes a new file beside the old one and renames it over that. So other processes see the old
/// file or the complete new one. Does not flush: see "durable" in image/store/store.h.
void replace_file(int dir, const std::string& name, std::string_view bytes, mode_t mode = 0644);

/// The names in a directory, without "." and "..", sorted.
std::vector<std::string> list_dir(int dir, const std::string& name);

/// fstatat(2); does not follow a symlink at the end. nullopt if the file does not exist.
std::optional<struct stat> stat_at(int dir, const std::string& name);

/// Removes `name` in `dir` and all below it. Never enters a mount point and never follows a
/// symlink. Any depth and any mode will do; few descriptors are open at a time. Clears immutable
/// flags first. It is no error if `name` does not exist. If something can't be removed, removes all
/// the rest, and then throws Error that names the first such thing and the reason.
void remove_tree(int dir, const std::string& name);

/// The target of a symlink; nullopt if `name` is missing or no symlink. Throws SysError.
std::optional<std::string> read_link(int dir, const std::string& name);

/// The path of a descriptor for messages, from /proc/self/fd.
std::string path_of(int fd);

/// Writes to an existing file of the kernel, in /proc or cgroupfs. Throws SysError.
void write_existing(const std::string& path, std::string_view bytes);

/// The working directory; empty if it was removed or is not below our root.
std::string current_dir();

/// mkdir -p on the host, for paths that a person chose (the store, a missing bind source). The last
/// directory gets `mode`, in spite of the umask; missing ones above it get 0755.
void make_dirs(const std::string& path, mode_t mode);

}  // namespace minirun::files
