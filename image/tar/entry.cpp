#include "image/tar/entry.h"

#include <algorithm>

#include "image/tar/pax.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

uint32_t id_of(int64_t id, const std::string& where, std::string_view what) {
  if (id < 0 || static_cast<uint64_t>(id) > max_tar_id) {
    throw ImageError(cat(where, " has the ", what, " ", id, ", which no process can have"),
                     "rebuild the image with owners from 0 to 4294967294");
  }
  return static_cast<uint32_t>(id);
}

EntryType type_of(::archive_entry* entry, const std::string& where) {
  if (::archive_entry_hardlink(entry) != nullptr) return EntryType::hardlink;
  switch (::archive_entry_filetype(entry)) {
    case AE_IFREG:
      return EntryType::file;
    case AE_IFDIR:
      return EntryType::directory;
    case AE_IFLNK:
      return EntryType::symlink;
    case AE_IFCHR:
      return EntryType::char_device;
    case AE_IFBLK:
      return EntryType::block_device;
    case AE_IFIFO:
      return EntryType::fifo;
    default:
      throw ImageError(cat(where, " is of a type that a layer cannot hold"),
                       "a layer holds files, directories, links, devices and FIFOs");
  }
}

std::string target_of(::archive_entry* entry, EntryType type, const std::string& where) {
  if (type != EntryType::symlink && type != EntryType::hardlink) return {};
  const char* target =
      type == EntryType::symlink ? ::archive_entry_symlink(entry) : ::archive_entry_hardlink(entry);
  if (target == nullptr || *target == 0) {
    throw ImageError(cat(where, " is a link without a target"), "save the image again");
  }
  return target;
}

void take_time(::archive_entry* entry, TarEntry& taken) {
  int64_t seconds = ::archive_entry_mtime(entry);
  long nanoseconds = std::clamp(::archive_entry_mtime_nsec(entry), 0L, 999'999'999L);
  // "-1.25" is a second and a quarter before 1970 (pax(1), "pax Extended Header File Times");
  // libarchive reads -1 and a quarter after it.
  if (seconds < 0 && nanoseconds > 0 && seconds != INT64_MIN) {
    seconds -= 1;
    nanoseconds = 1'000'000'000 - nanoseconds;
  }
  taken.mtime_seconds = seconds;
  taken.mtime_nanoseconds = static_cast<uint32_t>(nanoseconds);
}

void take_device(::archive_entry* entry, const std::string& where, TarEntry& taken) {
  const auto major = static_cast<uint64_t>(::archive_entry_rdevmajor(entry));
  const auto minor = static_cast<uint64_t>(::archive_entry_rdevminor(entry));
  if (major > UINT32_MAX || minor > UINT32_MAX) {
    throw ImageError(cat(where, " has a device number that no device has"), "save the image again");
  }
  taken.device_major = static_cast<uint32_t>(major);
  taken.device_minor = static_cast<uint32_t>(minor);
}

void take_xattrs(::archive_entry* entry, TarEntry& taken) {
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  ::archive_entry_xattr_reset(entry);
  while (::archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    taken.xattrs.emplace_back(name == nullptr ? "" : name,
                              std::string(static_cast<const char*>(value), size));
  }
}

bool has_acl_or_flags(::archive_entry* entry) {
  return ::archive_entry_fflags_text(entry) != nullptr || ::archive_entry_acl_types(entry) != 0;
}

}  // namespace

TarEntry take_entry(::archive_entry* entry, const std::string& name) {
  const char* path = ::archive_entry_pathname(entry);
  if (path == nullptr || *path == 0) {
    throw ImageError(cat(name, ": an entry has no name"), "save the image again");
  }
  TarEntry taken;
  taken.path = path;
  const std::string where = cat(name, ": ", printable(taken.path.substr(0, 200)));
  taken.type = type_of(entry, where);
  taken.target = target_of(entry, taken.type, where);
  taken.mode = ::archive_entry_perm(entry) & 07777;
  taken.uid = id_of(::archive_entry_uid(entry), where, "uid");
  taken.gid = id_of(::archive_entry_gid(entry), where, "gid");
  const int64_t size = ::archive_entry_size(entry);
  if (size < 0 || static_cast<uint64_t>(size) > max_tar_size) {
    throw ImageError(cat(where, " has the impossible size ", size), "save the image again");
  }
  if (taken.type == EntryType::file) taken.size = static_cast<uint64_t>(size);
  take_time(entry, taken);
  take_device(entry, where, taken);
  take_xattrs(entry, taken);
  taken.has_acl_or_flags = has_acl_or_flags(entry);
  return taken;
}

}  // namespace minirun::image
