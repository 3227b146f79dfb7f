// Files by descriptor. Two rules hold everywhere in minirun, and this is where they are kept:
//
//   * every descriptor is close-on-exec, so nothing of the host leaks into a container
//     (CVE-2024-21626);
//   * a path that an image chose is resolved by the kernel inside a root that we name, with
//     openat2(2), so that no symlink, ".." or race leads out of it.
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

/// openat(2) with O_CLOEXEC. `name` may be absolute, then `dir` does not matter (AT_FDCWD). Throws
/// SysError.
UniqueFd open_at(int dir, const std::string& name, int flags, mode_t mode = 0);

/// As open_at, but ENOENT is expected and gives no descriptor.
std::optional<UniqueFd> open_if_exists(int dir, const std::string& name, int flags);

/// openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | `resolve` and O_CLOEXEC: "/" and ".."
/// mean `root`, an absolute symlink stays inside. Retries EAGAIN (a rename raced with "..").
/// Returns -1 with errno; never throws.
int try_open_in_root(int root, const std::string& path, int flags, uint64_t resolve = 0);

/// The same, throws SysError that names the path.
UniqueFd open_in_root(int root, const std::string& path, int flags, uint64_t resolve = 0);

/// Opens a directory below `root` and makes what is missing (0755, root's), as mkdir -p would after
/// chroot(2). A dangling symlink is followed: what it names is made, inside. Returns an O_PATH
/// descriptor. Throws SysError, ENOTDIR where something else stands in the way.
UniqueFd make_dir_in_root(int root, const std::string& path);

/// Opens a file below `root`, made empty (0644) if missing, its directories too. Returns an O_PATH
/// descriptor; what is there already is not opened, so a FIFO or device does no harm.
UniqueFd make_file_in_root(int root, const std::string& path);

/// The whole of a small regular file. Throws Error if it is longer than `limit` or is not a regular
/// file (a FIFO never blocks). Procfs and sysfs files, whose size says 0, are read to their end.
std::string read_file(int dir, const std::string& name, size_t limit = 1 << 20);
std::string read_all(int fd, std::string_view name, size_t limit);

/// Writes all bytes; retries short writes.
void write_all(int fd, std::string_view bytes, std::string_view name);

/// The file appears whole or not at all: written beside, then renamed over. Not flushed: see the
/// store's durability.
void replace_file(int dir, const std::string& name, std::string_view bytes, mode_t mode = 0644);

/// The names in a directory, without "." and "..", sorted.
std::vector<std::string> list_dir(int dir, const std::string& name);

/// fstat / statx by name, without following a symlink at the end; nullopt if it does not exist.
std::optional<struct stat> stat_at(int dir, const std::string& name);

/// Removes `name` in `dir` and all below it, and never enters a mount point or follows a symlink.
/// Depth does not matter (descriptors stay few), nor do modes; an immutable flag is cleared first.
/// "Already gone" is success. Throws Error that names the first thing left behind and why, after
/// everything else that could be removed is gone.
void remove_tree(int dir, const std::string& name);

/// The target of a symlink; nullopt if `name` is missing or no symlink. Throws SysError.
std::optional<std::string> read_link(int dir, const std::string& name);

/// The path of a descriptor for messages, from /proc/self/fd.
std::string path_of(int fd);

/// Writes to a file that is there: the kernel's own, in /proc and cgroupfs. Throws SysError.
void write_existing(const std::string& path, std::string_view bytes);

/// Where we stand; empty where that directory was removed or is not below our root.
std::string current_dir();

/// mkdir -p on the host, for paths that a person chose (the store, a missing bind source): `mode`
/// whatever the umask, 0755 for those above.
void make_dirs(const std::string& path, mode_t mode);

}  // namespace minirun::files
