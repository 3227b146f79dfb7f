// Finds directories that hide a symlink to a directory.
//
//     layer 2    bin/tool              a directory: what overlay shows as /bin, with tool alone
//     layer 1    bin -> usr/bin        hidden, and with it every program as it is known: /bin/sh
//                usr/bin/sh
//
// It happens to whoever packs bin/tool for an image of today, in Docker's overlay2 as here.
// containerd, which unpacks onto the layers below, follows the symlink.
//
// Source: overlayfs.rst, "Upper and Lower": only two directories are merged.
#pragma once

#include <string>
#include <vector>

namespace minirun::image {

struct HiddenLink {
  size_t layer;        ///< index into `diffs` of the layer whose directory hides it
  std::string path;    ///< of the directory and the symlink, relative to the root: "bin"
  std::string target;  ///< of the symlink, as written: "usr/bin"
  size_t names;        ///< of the directory it led to, which that of the layer lacks
};

/// `diffs` are directories of layers' files, topmost first. Looks at the upper two levels of each:
/// deeper there are no such links in practice, and a large layer has many directories. Opaque
/// directories are left out: somebody made them so on purpose.
std::vector<HiddenLink> find_hidden_links(const std::vector<std::string>& diffs);

/// The same in words: "bin is a directory, where ... have a symlink to usr/bin: ...".
std::string words_of(const HiddenLink& link);

}  // namespace minirun::image
