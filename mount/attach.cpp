#include "mount/attach.h"

#include <sys/mount.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

/// The last message in the log of a file system context: "tmpfs: Bad value for 'mode'". Empty if
/// there is none.
std::string kernel_message(int context) {
  std::string message;
  std::array<char, 512> line{};
  for (;;) {
    const ssize_t length = ::read(context, line.data(), line.size());
    if (length <= 2) return message;  // each line opens with its severity and a space
    message = printable(std::string_view(line.data() + 2, static_cast<size_t>(length - 2)));
  }
}

std::string hint_for(int number, const std::string& type, const std::string& message) {
  if (!message.empty()) return cat("the kernel says: ", message);
  if (number == ENODEV) return cat("this kernel has no ", type, ": try modprobe ", type);
  if (number == EPERM) return "making a file system takes root (CAP_SYS_ADMIN)";
  if (number == EINVAL) return "an option or its value is not one that this file system knows";
  return {};
}

void check_context(int result, int context, const std::string& type, const std::string& attempt) {
  if (result != -1) return;
  const int number = errno;
  throw SysError(number, attempt, hint_for(number, type, kernel_message(context)));
}

}  // namespace

std::string shell_path(const std::string& root, const std::string& path) {
  return shell_quote(path == "/" ? root : root + path);
}

std::string shell_inside(const std::string& root, const std::string& path) {
  return cat("inside ", shell_quote(root), " ", shell_quote(path));
}

UniqueFd new_mount(const std::string& type, const std::vector<std::string>& options,
                   uint64_t attributes) {
  const UniqueFd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context) {
    const int number = errno;
    throw SysError(number, cat("fsopen ", type), hint_for(number, type, {}));
  }
  const auto set = [&](const std::string& key, const char* value) {
    const unsigned command = value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    check_context(::fsconfig(context.get(), command, key.c_str(), value, 0), context.get(), type,
                  cat("fsconfig ", type, " ", key, value == nullptr ? "" : "=",
                      value == nullptr ? "" : value));
  };
  set("source", type.c_str());  // what mountinfo shows; else it says "none"
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    const bool has_value = equals != std::string::npos;
    set(option.substr(0, equals), has_value ? option.c_str() + equals + 1 : nullptr);
  }
  check_context(::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), context.get(),
                type, cat("create ", type));
  UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
  check_context(mount.get(), context.get(), type, cat("fsmount ", type));
  return mount;
}

UniqueFd clone_mount(int dir, bool recursive) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                         static_cast<unsigned>(recursive ? AT_RECURSIVE : 0);
  UniqueFd tree(::open_tree(dir, "", flags));
  if (!tree) {
    const int number = errno;
    throw SysError(
        number, cat("open_tree ", files::path_of(dir)),
        number == EINVAL ? "it must lie in this mount namespace, and not be unbindable" : "");
  }
  return tree;
}

void set_attributes(int mount, uint64_t attributes, bool recursive, const std::string& path) {
  struct mount_attr change {};
  change.attr_set = attributes;
  if (recursive) change.propagation = MS_PRIVATE;
  const unsigned flags = AT_EMPTY_PATH | static_cast<unsigned>(recursive ? AT_RECURSIVE : 0);
  check(::mount_setattr(mount, "", flags, &change, sizeof change), "mount_setattr ", path);
}

void attach(int mount, int target, const std::string& path) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::move_mount(mount, "", target, "", flags) == 0) return;
  const int number = errno;
  throw SysError(number, cat("move_mount ", path),
                 number == ENOENT   ? "the mount point was removed while it was being used"
                 : number == ENOSPC ? "too many mounts: see /proc/sys/fs/mount-max"
                                    : "");
}

std::optional<UniqueFd> open_without_links(int root, const std::string& path) {
  // Not O_NOFOLLOW: with O_PATH it would open a symlink at the end, RESOLVE_NO_SYMLINKS or not
  // (openat2(2)).
  UniqueFd fd(files::try_open_in_root(root, path, O_PATH, RESOLVE_NO_SYMLINKS));
  if (fd) return fd;
  const int number = errno;
  if (number == ENOENT) return std::nullopt;
  if (number == ELOOP) {
    throw ImageError(cat("the image has a symlink at ", path, ", or on the way to it"),
                     "what is mounted there must be where every program looks for it; the image "
                     "has to hold a directory, or nothing, by that name");
  }
  if (number == ENOTDIR) {
    throw ImageError(cat("the image has a file where a directory has to be, on the way to ", path));
  }
  throw SysError(number, cat("open ", path, " in the root"));
}

}  // namespace minirun::mount
