// A faithful copy of a directory tree, or a tree of links to the same files.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace minirun::files {

/// Copies what is below the directory `from` into the empty directory `to`, and then the
/// directory's own owner, mode, xattrs and times: hard links stay links, holes stay holes. Never
/// crosses a mount, opens no FIFO. Device nodes, and overlay's own xattrs, are left out: returns
/// the nodes' paths below `from`. Throws SysError that names the file.
std::vector<std::string> copy_tree(int from, int to);

/// The same directories, with overlay's xattrs, and all other files as hard links to those of
/// `from`: both have to be on one file system. Throws SysError.
void link_tree(int from, int to);

/// Gives the directory `to` the xattrs of `from`, and the owner, mode and times in `status`, which
/// is its stat(2).
void copy_dir_metadata(int from, int to, const struct stat& status);

/// Copies one xattr between open files. Throws SysError.
void copy_xattr(int from, int to, const std::string& key);

}  // namespace minirun::files
