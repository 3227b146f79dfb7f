#include "mount/attach.h"

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr const char* too_many_mounts =
    "this mount namespace has as many mounts as it may have: see /proc/sys/fs/mount-max";

// alloc_mnt_ns(), fs/namespace.c
constexpr const char* too_many_detached =
    "a mount that isn't attached yet counts as a mount namespace, and there are as many as there "
    "may "
    "be: see /proc/sys/user/max_mnt_namespaces";

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
  switch (number) {
    case ENODEV:
      return cat("this kernel has no ", type, " (see /proc/filesystems): try modprobe ", type);
    case EPERM:
      // mount_too_revealing(), fs/namespace.c; mount_namespaces(7), "Restrictions on mount
      // namespaces"
      if (type != "proc" && type != "sysfs") return {};
      return cat("inside a container that has parts of ", type,
                 " masked the kernel gives no new one; run minirun on the host itself or in a VM");
    case EINVAL:
      return "an option or its value is not one that this file system knows";
    case ENOSPC:  // of fsmount(2)
      return too_many_detached;
    default:
      return {};
  }
}

void check_context(int result, int context, const std::string& type, const std::string& attempt) {
  if (result != -1) return;
  const int number = errno;
  throw SysError(number, attempt, hint_for(number, type, kernel_message(context)));
}

}  // namespace

int root_of(const Live& live) {
  if (live.root) return live.root.get();
  throw Error("the container has no root directory to work in",
              "step overlay makes it, and was left out");
}

std::string shell_inside(const std::string& root, const std::string& path) {
  return cat("inside ", shell_quote(root), " ", shell_quote(path));
}

UniqueFd matching_target(int root, const std::string& target, bool is_dir) {
  UniqueFd fd(files::try_open_in_root(root, target, O_PATH));
  if (!fd) {
    fd = is_dir ? files::make_dir_in_root(root, target) : files::make_file_in_root(root, target);
  }
  struct stat status {};
  check(::fstat(fd.get(), &status), "stat ", target);
  if (S_ISDIR(status.st_mode) != is_dir) {
    throw Error(is_dir ? cat("cannot mount a directory on ", target, ", which is a file")
                       : cat("cannot mount a file on ", target, ", which is a directory"),
                "source and target must both be files or both be directories");
  }
  return fd;
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
    throw SysError(number, cat("open_tree ", files::path_of(dir)),
                   number == EINVAL
                       ? "it must lie in this mount namespace, and not be unbindable (findmnt -o "
                         "TARGET,PROPAGATION)"
                   : number == ENOSPC ? too_many_detached
                                      : "");
  }
  return tree;
}

void set_attributes(int mount, uint64_t attributes, bool recursive, const std::string& path,
                    uint64_t propagation) {
  struct mount_attr change {};
  change.attr_set = attributes;
  if (recursive) change.propagation = propagation;
  const unsigned flags = AT_EMPTY_PATH | static_cast<unsigned>(recursive ? AT_RECURSIVE : 0);
  if (::mount_setattr(mount, "", flags, &change, sizeof change) == 0) return;
  const int number = errno;
  throw SysError(number, cat("mount_setattr ", path),
                 number == EBUSY
                     ? "a file in it is open for writing, so it can't become read only: "
                       "see lsof or fuser -m"
                 : number == EPERM ? "a mount that comes from outside of this user namespace keeps "
                                     "the flags that it has: mount_namespaces(7)"
                                   : "");
}

void attach(int mount, int target, const std::string& path) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::move_mount(mount, "", target, "", flags) == 0) return;
  const int number = errno;
  throw SysError(number, cat("move_mount ", path),
                 number == ENOENT   ? "the mount point was removed while it was being used"
                 : number == ENOSPC ? too_many_mounts
                 : number == ELOOP  ? "it would be mounted inside of itself"
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
