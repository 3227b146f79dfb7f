// Which extended attributes of a layer's entry are kept, and a count of what is dropped on purpose.
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

/// What was left out, by kind, for one line at the end.
class DropNotes {
 public:
  void add(const std::string& kind) { ++counts_[kind]; }
  /// "user.overlay.* on 2 entries"; kinds are few and not the archive's words.
  std::vector<std::string> lines() const;

 private:
  std::map<std::string, uint64_t> counts_;
};

/// What of an entry's attributes is to be set on a file of that kind (S_IFREG, S_IFDIR; of others,
/// none). Throws ImageError that begins with `where` for a malformed capability.
Xattrs kept_xattrs(const TarEntry& entry, mode_t kind_of_file, const std::string& where,
                   DropNotes& notes);

/// Sets them on a file or directory. A file system without user.* attributes is a note and no
/// error.
void set_xattrs(int fd, const Xattrs& xattrs, const std::string& where, DropNotes& notes);

}  // namespace minirun::image
