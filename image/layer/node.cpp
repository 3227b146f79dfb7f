#include "image/layer/node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::image {
namespace {

/// Access and modification time are the same: nothing has read the file yet.
std::array<timespec, 2> times_of(const Metadata& metadata) {
  return {metadata.mtime, metadata.mtime};
}

void write_at(int fd, const TarReader::Data& data, const std::string& where) {
  auto bytes = data.bytes;
  auto offset = static_cast<off_t>(data.offset);
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (written == -1 && errno == EINTR) continue;
    if (written == -1) {
      throw SysError(errno, cat(where, ": write"),
                     errno == ENOSPC || errno == EDQUOT
                         ? "the store's file system is full; make room there, or use --root DIR"
                         : "");
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += written;
  }
}

void apply_but_owner(const Metadata& metadata, int fd, const std::string& where, DropNotes& notes) {
  check(::fchmod(fd, metadata.mode), where, ": chmod");
  set_xattrs(fd, metadata.xattrs, where, notes);
  check(::futimens(fd, times_of(metadata).data()), where, ": set times");
}

}  // namespace

Metadata::Metadata(const TarEntry& entry, Xattrs kept)
    : mode(entry.mode),
      uid(entry.uid),
      gid(entry.gid),
      mtime{entry.mtime_seconds, static_cast<long>(entry.mtime_nanoseconds)},
      xattrs(std::move(kept)) {}

void write_content(int fd, uint64_t size, TarReader& tar, const std::string& where) {
  uint64_t end = 0;
  while (const auto data = tar.data()) {
    if (data->offset > size || data->bytes.size() > size - data->offset) {
      throw ImageError(cat(where, ": its content goes past its end"), "save the image again");
    }
    write_at(fd, *data, where);
    end = std::max(end, data->offset + data->bytes.size());
  }
  if (end < size) check(::ftruncate(fd, static_cast<off_t>(size)), where, ": set the size ", size);
}

int make_node(int dir, const std::string& name, const TarEntry& entry) {
  const dev_t device = ::makedev(entry.device_major, entry.device_minor);
  switch (entry.type) {
    case EntryType::symlink:
      return ::symlinkat(entry.target.c_str(), dir, name.c_str());
    case EntryType::char_device:
      return ::mknodat(dir, name.c_str(), S_IFCHR | 0600, device);
    case EntryType::block_device:
      return ::mknodat(dir, name.c_str(), S_IFBLK | 0600, device);
    default:
      return ::mknodat(dir, name.c_str(), S_IFIFO | 0600, 0);
  }
}

void apply(const Metadata& metadata, int fd, const std::string& where, DropNotes& notes) {
  check(::fchown(fd, metadata.uid, metadata.gid), where, ": chown ", metadata.uid, ":",
        metadata.gid);
  apply_but_owner(metadata, fd, where, notes);
}

void apply_to_node(const Metadata& metadata, int dir, const std::string& name, bool is_symlink,
                   const std::string& where) {
  check(::fchownat(dir, name.c_str(), metadata.uid, metadata.gid, AT_SYMLINK_NOFOLLOW), where,
        ": chown ", metadata.uid, ":", metadata.gid);
  // fchmodat(2) follows symlinks before Linux 6.6; this name is no symlink, we have just made it.
  if (!is_symlink) check(::fchmodat(dir, name.c_str(), metadata.mode, 0), where, ": chmod");
  check(::utimensat(dir, name.c_str(), times_of(metadata).data(), AT_SYMLINK_NOFOLLOW), where,
        ": set times");
}

void apply_to_linked(const Metadata& metadata, int dir, const std::string& name,
                     const struct stat& status, const std::string& where, DropNotes& notes) {
  if (!S_ISREG(status.st_mode)) {
    return apply_to_node(metadata, dir, name, S_ISLNK(status.st_mode), where);
  }
  const UniqueFd file = files::open_at(dir, name, O_RDONLY | O_NOFOLLOW);
  // chown(2) takes file capabilities away, even where it changes nothing, and a link's header need
  // not repeat them.
  if (status.st_uid != metadata.uid || status.st_gid != metadata.gid) {
    return apply(metadata, file.get(), where, notes);
  }
  apply_but_owner(metadata, file.get(), where, notes);
}

}  // namespace minirun::image
