// The system calls of attach.cpp, as strace(1) prints them, and commands that show the effect.
#include <sys/mount.h>

#include <array>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr auto attribute_flags = std::to_array<FlagName>({
    {MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY"},
    {MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID"},
    {MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV"},
    {MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC"},
    {MOUNT_ATTR_NOATIME, "MOUNT_ATTR_NOATIME"},
    {MOUNT_ATTR_STRICTATIME, "MOUNT_ATTR_STRICTATIME"},
    {MOUNT_ATTR_NODIRATIME, "MOUNT_ATTR_NODIRATIME"},
    {MOUNT_ATTR_NOSYMFOLLOW, "MOUNT_ATTR_NOSYMFOLLOW"},
});

struct AttributeName {
  uint64_t attribute;
  const char* name;
};

constexpr std::array<AttributeName, 8> attribute_table = {{
    {MOUNT_ATTR_NOSUID, "nosuid"},
    {MOUNT_ATTR_NOEXEC, "noexec"},
    {MOUNT_ATTR_NODEV, "nodev"},
    {MOUNT_ATTR_NOATIME, "noatime"},
    {MOUNT_ATTR_STRICTATIME, "strictatime"},
    {MOUNT_ATTR_NODIRATIME, "nodiratime"},
    {MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow"},
    {MOUNT_ATTR_RDONLY, "ro"},
}};

/// As the kernel writes a path to mountinfo: proc(5), "/proc/[pid]/mountinfo".
std::string mountinfo_path(std::string_view path) {
  std::string shown;
  for (const char c : path) {
    const bool separates = c == ' ' || c == '\t' || c == '\n' || c == '\\';
    const std::string digits = octal(static_cast<unsigned char>(c));
    if (separates) shown += cat(digits.size() == 3 ? "\\" : "\\0", digits);
    if (!separates) shown += c;
  }
  return shown;
}

}  // namespace

std::string host_path(const std::string& root, const std::string& path) {
  return path == "/" ? root : root + path;
}

std::string shell_path(const std::string& root, const std::string& path) {
  return shell_quote(host_path(root, path));
}

std::string attribute_names(uint64_t attributes) {
  std::string names;
  for (const auto& [attribute, name] : attribute_table) {
    if ((attributes & attribute) != 0) names += cat(names.empty() ? "" : ",", name);
  }
  return names;
}

std::string shell_remount(uint64_t attributes, const std::string& point) {
  return cat("mount -o remount,bind,", attribute_names(attributes), " ", point);
}

std::vector<std::string> new_mount_calls(const std::string& type,
                                         const std::vector<std::string>& options,
                                         uint64_t attributes) {
  const std::string context = unknown(cat("context of ", type));
  std::vector<std::string> calls = {
      call("fsopen", c_string(type), "FSOPEN_CLOEXEC"),
      call("fsconfig", context, "FSCONFIG_SET_STRING", c_string("source"), c_string(type), 0)};
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    const std::string key = c_string(option.substr(0, equals));
    calls.push_back(equals == std::string::npos
                        ? call("fsconfig", context, "FSCONFIG_SET_FLAG", key, "NULL", 0)
                        : call("fsconfig", context, "FSCONFIG_SET_STRING", key,
                               c_string(option.substr(equals + 1)), 0));
  }
  calls.push_back(call("fsconfig", context, "FSCONFIG_CMD_CREATE", "NULL", "NULL", 0));
  calls.push_back(
      call("fsmount", context, "FSMOUNT_CLOEXEC", flag_names(attribute_flags, attributes)));
  return calls;
}

std::string clone_mount_call(const std::string& what, bool recursive) {
  return call(
      "open_tree", unknown(what), c_string(""),
      cat("OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH", recursive ? "|AT_RECURSIVE" : ""));
}

std::string set_attributes_call(const std::string& what, uint64_t attributes, bool recursive,
                                const char* propagation) {
  return call("mount_setattr", unknown(what), c_string(""),
              recursive ? "AT_EMPTY_PATH|AT_RECURSIVE" : "AT_EMPTY_PATH",
              cat("{attr_set=", flag_names(attribute_flags, attributes),
                  ", attr_clr=0, propagation=", recursive ? propagation : "0", ", userns_fd=0}"),
              sizeof(struct mount_attr));
}

std::string attach_call(const std::string& what, const std::string& point) {
  return call("move_mount", unknown(what), c_string(""), unknown(point), c_string(""),
              "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH");
}

std::string short_path(const std::string& root, const std::string& path) {
  return host_path(name_of(root), path);
}

std::string look_at_mount(const std::string& path) {
  return cat("grep -F ", shell_quote(cat(" ", mountinfo_path(path), " ")), " /proc/$PID/mountinfo");
}

std::string look_at_target(const std::string& root, const std::string& target, bool no_symlink) {
  const std::string there = look_at_mount(host_path(root, target));
  return no_symlink ? there : there + " || tail -n 1 /proc/$PID/mountinfo";
}

std::string look_at_mounts_below(const std::vector<std::string>& paths) {
  std::string patterns;
  for (const std::string& path : paths) {
    patterns += cat(" -e ", shell_quote(mountinfo_path(path) + "/"));
  }
  return cat("grep -F", patterns, " /proc/$PID/mountinfo");
}

std::string path_in_namespace(const std::string& path) {
  return cat("/proc/$PID/root", shell_quote(path));
}

}  // namespace minirun::mount
