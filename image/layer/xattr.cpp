#include "image/layer/xattr.h"

#include <linux/capability.h>
#include <sys/xattr.h>

#include <climits>
#include <cstring>

#include "runner/base/error.h"

namespace minirun::image {
namespace {

constexpr std::string_view capability = "security.capability";

/// The kind under which a name is dropped; empty for names that are kept.
std::string_view dropped_as(std::string_view name) {
  if (name == capability) return "";
  for (const std::string_view prefix : {"trusted.overlay.", "user.overlay."}) {
    if (name.starts_with(prefix)) return prefix;
  }
  if (name.starts_with("user.") && name.size() > 5) {
    return name.size() <= XATTR_NAME_MAX ? "" : "attributes with too long a name";
  }
  if (name == "security.selinux") return name;
  for (const std::string_view prefix : {"trusted.", "system.", "security."}) {
    if (name.starts_with(prefix) && name.size() > prefix.size()) return prefix;
  }
  return "attributes of no known kind";
}

/// Revisions 2 and 3 are what setxattr(2) takes; revision 1 was last written by Linux 2.6.24.
void check_capability(const std::string& value, const std::string& where) {
  uint32_t magic = 0;
  if (value.size() >= sizeof magic) std::memcpy(&magic, value.data(), sizeof magic);
  const uint32_t revision = magic & VFS_CAP_REVISION_MASK;
  const bool fits = (revision == VFS_CAP_REVISION_2 && value.size() == XATTR_CAPS_SZ_2) ||
                    (revision == VFS_CAP_REVISION_3 && value.size() == XATTR_CAPS_SZ_3);
  if (!fits) {
    throw ImageError(cat(where, ": its security.capability is malformed"),
                     "rebuild the image; setcap(8) writes this attribute");
  }
}

}  // namespace

std::vector<std::string> DropNotes::lines() const {
  std::vector<std::string> lines;
  for (const auto& [kind, count] : counts_) {
    lines.push_back(cat(kind, " on ", count, count == 1 ? " entry" : " entries"));
  }
  return lines;
}

Xattrs kept_xattrs(const TarEntry& entry, mode_t kind_of_file, const std::string& where,
                   DropNotes& notes) {
  Xattrs kept;
  if (entry.has_acl_or_flags) notes.add("ACLs or file flags");
  for (const auto& [name, value] : entry.xattrs) {
    const std::string_view kind = dropped_as(name);
    if (!kind.empty()) {
      notes.add(kind.ends_with('.') ? cat(kind, "*") : std::string(kind));
      continue;
    }
    if (name == capability) check_capability(value, where);
    const bool fits = S_ISREG(kind_of_file) || (S_ISDIR(kind_of_file) && name != capability);
    if (fits) {
      kept.emplace_back(name, value);
    } else {
      notes.add("attributes of links, devices and such");
    }
  }
  return kept;
}

void set_xattrs(int fd, const Xattrs& xattrs, const std::string& where, DropNotes& notes) {
  for (const auto& [name, value] : xattrs) {
    if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) continue;
    if (errno == ENOTSUP && name != capability) {
      notes.add("user.* (the store's file system keeps none)");
    } else {
      throw SysError(errno, cat(where, ": set attribute ", name.substr(0, 60)),
                     "the store's file system may be full or keep no such attributes");
    }
  }
}

}  // namespace minirun::image
