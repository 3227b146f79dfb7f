// Makes a file with its content, owner, mode, attributes and times, in the order that the kernel
// needs.
//
//     content -> owner -> mode        chown(2) clears setuid and setgid
//                owner -> attributes  chown(2) clears security.capability
//                all   -> times       everything before changes them
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "image/layer/xattr.h"
#include "image/tar/tar.h"

namespace minirun::image {

struct Metadata {
  explicit Metadata(const TarEntry& entry, Xattrs kept = {});

  uint32_t mode;
  uint32_t uid;
  uint32_t gid;
  struct timespec mtime;
  Xattrs xattrs;
};

/// Copies the current entry's content. Parts that the archive leaves out become holes. Throws
/// ImageError, SysError.
void write_content(int fd, uint64_t size, TarReader& tar, const std::string& where);

/// Makes a symlink, device or FIFO. On failure returns -1 and sets errno.
int make_node(int dir, const std::string& name, const TarEntry& entry);

/// For a file or directory that is open.
void apply(const Metadata& metadata, int fd, const std::string& where, DropNotes& notes);

/// For a device, FIFO or symlink of the layer, by name. Never follows a symlink. A symlink has no
/// mode of its own.
void apply_to_node(const Metadata& metadata, int dir, const std::string& name, bool is_symlink,
                   const std::string& where);

/// For a file of any kind (`status`) that has just got another name, the hard link `name`. Never
/// follows a symlink.
void apply_to_linked(const Metadata& metadata, int dir, const std::string& name,
                     const struct stat& status, const std::string& where, DropNotes& notes);

}  // namespace minirun::image
