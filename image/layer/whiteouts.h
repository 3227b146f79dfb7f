// Whiteouts: overlay's mark for a removed name. Some whiteouts would be seen inside. They are
// removed from a layer before it is mounted.
//
//     d in several layers   merged: readdir(3) leaves whiteouts out
//     d in one layer only   not merged: "ls d" shows the name, and stat(2) does not find it
//
// So a directory may have whiteouts only if it is merged with one of a lower layer. It is not
// merged if the layer makes it opaque, or one above it: the layer itself says that. It is not
// merged either if no lower layer has it: that is known only when the layer is committed on top of
// others.
//
// Source: fs/overlayfs/readdir.c, ovl_dir_is_real: OVL_WHITEOUTS is set for merged directories.
#pragma once

#include <sys/stat.h>

#include <set>
#include <string>
#include <vector>

namespace minirun::image {

class Stack;

/// Whether `status` is overlay's whiteout, a character device 0:0 (overlayfs.rst, "whiteouts and
/// opaque directories").
bool is_whiteout(const struct stat& status);

/// Whether a directory hides what the layers below have in it.
bool is_opaque(int dir);

/// Makes a directory hide what the layers below have in it.
void set_opaque(int dir, const std::string& where);

/// Directories of a layer in which it has whiteouts: clean paths from its root, "" for the root.
using WhiteoutDirs = std::set<std::string>;

/// Removes the whiteouts in directories that the layer `diff` makes opaque, or that lie below such
/// ones. Returns the other directories of `dirs` that still exist.
std::vector<std::string> drop_hidden_whiteouts(int diff, const WhiteoutDirs& dirs);

/// Removes the whiteouts in those `dirs` that are no directory in the layers below. Keeps the
/// directories' times.
void drop_unmerged_whiteouts(int diff, const std::vector<std::string>& dirs, const Stack& below);

}  // namespace minirun::image
