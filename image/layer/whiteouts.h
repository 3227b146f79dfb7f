// Whiteouts: how overlay says that a name is gone. Those that would be seen are taken out of a
// layer before anybody mounts it.
//
//     d in several layers   merged: readdir(3) leaves whiteouts out
//     d in one layer only   read as it lies there: "ls d" names what stat(2) doesn't find
//
// So a whiteout belongs only where a lower layer's directory shows through. Where the layer itself
// hides that one (opaque, or below what is opaque), the layer alone tells; whether one is there,
// only the layers below do, so that is asked when the layer is committed on top of them.
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

/// Removes the whiteouts below which nothing can show since the layer `diff` is opaque there or
/// above. Returns the other directories of `dirs`, as far as they are there still.
std::vector<std::string> drop_hidden_whiteouts(int diff, const WhiteoutDirs& dirs);

/// Removes the whiteouts of those `dirs` that are no directory in the layers below. Times stay.
void drop_unmerged_whiteouts(int diff, const std::vector<std::string>& dirs, const Stack& below);

}  // namespace minirun::image
