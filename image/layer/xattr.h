// Decides which extended attributes of a layer's entry are kept, and counts those that are dropped.
//
//     user.*                 kept
//     security.capability    kept on files, if the kernel would understand it
//     *.overlay.*            dropped: they are overlay's own and would hide or redirect files
//     all others             dropped: they belong to the machine that wrote them
//
// Sources: xattr(7); overlayfs.rst, "User xattr"; linux/capability.h, struct vfs_cap_data.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "image/tar/tar.h"

namespace minirun::image {

using Xattrs = std::vector<std::pair<std::string, std::string>>;

/// Counts what was left out, by kind, for one line at the end.
class DropNotes {
 public:
  void add(const std::string& kind) { ++counts_[kind]; }
  /// "user.overlay.* on 2 entries". There are few kinds, and their names don't come from the
  /// archive.
  std::vector<std::string> lines() const;

 private:
  std::map<std::string, uint64_t> counts_;
};

/// The attributes of an entry that are set on a file of that kind (S_IFREG, S_IFDIR; none for other
/// kinds). Throws ImageError that begins with `where` for a malformed capability.
Xattrs kept_xattrs(const TarEntry& entry, mode_t kind_of_file, const std::string& where,
                   DropNotes& notes);

/// Sets them on a file or directory. If the file system has no user.* attributes, that is a note,
/// no error.
void set_xattrs(int fd, const Xattrs& xattrs, const std::string& where, DropNotes& notes);

}  // namespace minirun::image
