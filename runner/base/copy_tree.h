// Copies a directory tree with all attributes, or makes a tree of hard links to the same files.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

namespace minirun::files {

/// Copies all that is below the directory `from` into the empty directory `to`. Then copies the
/// directory's own owner, mode, xattrs and times. Hard links stay links, holes stay holes. Never
/// crosses a mount, and opens no FIFO. Does not copy device nodes and overlay's own xattrs. Returns
/// the device nodes' paths below `from`. Throws SysError that names the file.
std::vector<std::string> copy_tree(int from, int to);

/// Makes the same directories in `to`, with overlay's xattrs. All other files become hard links to
/// those of `from`, so both have to be on one file system. Throws SysError.
void link_tree(int from, int to);

/// Gives the directory `to` the xattrs of `from`, and the owner, mode and times in `status`, the
/// stat(2) of `from`.
void copy_dir_metadata(int from, int to, const struct stat& status);

/// Copies one xattr between open files. Throws SysError.
void copy_xattr(int from, int to, const std::string& key);

}  // namespace minirun::files
