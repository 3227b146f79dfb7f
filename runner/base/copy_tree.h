// A faithful copy of a directory tree: what an image has where an empty volume is mounted.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace minirun::mount {

/// Copies what is below the directory `from` into the empty directory `to`, and then the
/// directory's own owner, mode, xattrs and times: hard links stay links, holes stay holes. Never
/// crosses a mount, opens no FIFO. Device nodes are left out: returns their paths below `from`.
/// Throws SysError that names the file.
std::vector<std::string> copy_tree(int from, int to);

/// Gives the directory `to` the xattrs of `from`, and the owner, mode and times in `status`, which
/// is its stat(2).
void copy_dir_metadata(int from, int to, const struct stat& status);

}  // namespace minirun::mount
