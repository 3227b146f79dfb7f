#include "mount/mount.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

/// The options of a tmpfs that say how its root looks, and stat(1)'s words for them.
struct LookOption {
  const char* key;
  const char* format;
};
constexpr std::array<LookOption, 3> look_options = {
    {{"mode", "mode=%a"}, {"uid", "uid=%u"}, {"gid", "gid=%g"}}};

std::string joined(std::string left, const std::string& right);

/// mount(8) adds the flags that the mount has by now.
std::string shell_remount(uint64_t attributes, const std::string& point);

/// A directory that is where its path says, made if missing.
UniqueFd real_dir(int root, const std::string& path);

/// `target` in the root, made as a directory or a file if it is missing, refused if it is the other
/// kind.
UniqueFd matching_target(int root, const std::string& target, bool is_dir);

/// The image may lead the target elsewhere by a symlink; the last line is the newest mount.
std::string look_at_target(const std::string& root, const std::string& target, bool no_symlink);

/// A volume's _data. A person chose the way to the volumes' directory and may have symlinks in it;
/// its last two parts are ours, and a symlink there was put by somebody who wants something else of
/// the host in the container.
UniqueFd open_own_source(const std::string& source);

bool has_option(const std::vector<std::string>& options, std::string_view key);

/// What the directory that is to be covered looks like; nullopt if there is none.
std::optional<struct stat> look_of(int root, const std::string& target);

void append_look(std::vector<std::string>& options, const std::optional<struct stat>& look);

}  // namespace

// LESSON: private
void MakePrivate::apply(Live&) const {
  const unsigned long propagation = follows_host ? MS_SLAVE : MS_PRIVATE;
  if (::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) == 0) return;
  const int number = errno;
  throw SysError(number, shell(),
                 number == EINVAL
                     ? "/ is no mount point here, as in a chroot: run minirun outside of "
                       "it, or bind the directory on itself before chroot(8)"
                     : "");
}

std::string MakePrivate::shell() const {
  return follows_host ? "mount --make-rslave /" : "mount --make-rprivate /";
}

std::vector<std::string> MakePrivate::calls() const {
  return {call("mount", "NULL", c_string("/"), "NULL",
               follows_host ? "MS_REC|MS_SLAVE" : "MS_REC|MS_PRIVATE", "NULL")};
}

std::string MakePrivate::look() const { return "findmnt -N $PID -o TARGET,PROPAGATION"; }

// LESSON: proc, dev, devpts, shm
void Mount::apply(Live& live) const {
  std::vector<std::string> all = options;
  if (like_target) append_look(all, look_of(root_of(live), target));
  const UniqueFd point =
      no_symlink ? real_dir(root_of(live), target) : matching_target(root_of(live), target, true);
  const UniqueFd made = new_mount(type, all, attributes);
  attach(made.get(), point.get(), target);
}

// Read only is the mount alone and not the file system, which the next mount of it would share: so
// that flag comes by a second mount(2).
std::string Mount::shell() const {
  const uint64_t writable = attributes & ~uint64_t{MOUNT_ATTR_RDONLY};
  std::string flags = attribute_names(writable);
  for (const std::string& option : options) flags = joined(std::move(flags), option);
  const std::string point = no_symlink ? shell_path(root, target) : "\"$at\"";
  std::string look;
  for (const LookOption& option : look_options) {
    if (like_target && !has_option(options, option.key)) look += cat(",", option.format);
  }
  std::string text = no_symlink ? cat("[ ! -L ", point, " ]  # it would lead out of the container")
                                : shell_inside(root, target);
  if (!look.empty()) {
    text += cat("\nlook=\n[ ! -d ", point, " ] || look=$(stat -c ", shell_quote(look.substr(1)),
                " ", point, ")");
  }
  text += cat("\nmkdir -p ", point, "\nmount -t ", shell_quote(type), flags.empty() ? "" : " -o ",
              flags.empty() ? "" : shell_quote(flags), look.empty() ? "" : " ${look:+-o \"$look\"}",
              " ", shell_quote(type), " ", point);
  if (writable != attributes) text += cat("\n", shell_remount(attributes, point));
  return text;
}

std::vector<std::string> Mount::calls() const {
  std::vector<std::string> list = new_mount_calls(type, options, attributes);
  for (const LookOption& option : look_options) {
    if (!like_target || has_option(options, option.key)) continue;
    const auto set =
        only_if("it covers a directory",
                {call("fsconfig", unknown(cat("context of ", type)), "FSCONFIG_SET_STRING",
                      c_string(option.key), unknown("as it has it"), 0)});
    list.insert(list.end() - 2, set.front());  // before the file system is created
  }
  list.push_back(attach_call(type, short_path(root, target)));
  return list;
}

std::string Mount::look() const { return look_at_target(root, target, no_symlink); }

// LESSON: bind, volume
void Bind::apply(Live& live) const {
  const UniqueFd from =
      own_source ? open_own_source(source) : files::open_at(AT_FDCWD, source, O_PATH);
  struct stat status {};
  check(::fstat(from.get(), &status), "stat ", source);
  const UniqueFd point = matching_target(root_of(live), target, S_ISDIR(status.st_mode));
  const UniqueFd tree = clone_mount(from.get(), recursive);
  set_attributes(tree.get(), attributes, true, source, follows_host ? MS_SLAVE : MS_PRIVATE);
  attach(tree.get(), point.get(), target);
}

std::string Bind::shell() const {
  const std::string from = shell_quote(source);
  // A volume is two directories of ours, and neither may have become a symlink.
  std::string text =
      own_source ? cat("[ ! -L ", shell_quote(parent_of(source)), " ]\n[ ! -L ", from, " ]\n") : "";
  text += cat(shell_inside(root, target), "\nif [ -d ", from,
              " ]; then mkdir -p \"$at\"\nelif [ ! -e \"$at\" ]; then install -D -m 644 /dev/null "
              "\"$at\"\nfi\nmount ",
              recursive ? "--rbind " : "--bind ", from, " \"$at\"");
  if (attributes == 0) return text;
  // A bind mount takes flags only when it is remounted, one mount at a time.
  return cat(text, "\n", shell_remount(attributes, "\"$at\""),
             "\nfindmnt -Rlno TARGET \"$at\" | tail -n +2 | while IFS= read -r below; do\n  ",
             shell_remount(attributes, "\"$below\""), "\ndone");
}

std::vector<std::string> Bind::calls() const {
  return {clone_mount_call(source, recursive),
          set_attributes_call("tree", attributes, true, follows_host ? "MS_SLAVE" : "MS_PRIVATE"),
          attach_call("tree", short_path(root, target))};
}

std::string Bind::look() const { return look_at_target(root, target, false); }

void ReadOnlyRoot::apply(Live& live) const {
  set_attributes(root_of(live), MOUNT_ATTR_RDONLY, false, root);
}

std::string ReadOnlyRoot::shell() const {
  return shell_remount(MOUNT_ATTR_RDONLY, shell_quote(root));
}

std::vector<std::string> ReadOnlyRoot::calls() const {
  return {set_attributes_call(name_of(root), MOUNT_ATTR_RDONLY, false)};
}

std::string ReadOnlyRoot::look() const { return look_at_mount(root); }

namespace {

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

std::string joined(std::string left, const std::string& right) {
  if (!left.empty() && !right.empty()) left += ',';
  return left + right;
}

std::string shell_remount(uint64_t attributes, const std::string& point) {
  return cat("mount -o remount,bind,", attribute_names(attributes), " ", point);
}

UniqueFd real_dir(int root, const std::string& path) {
  auto found = open_without_links(root, path);
  if (!found) {
    files::make_dir_in_root(root, path);
    found = open_without_links(root, path);
  }
  if (!found) throw SysError(ENOENT, cat("open ", path, " in the root"));
  struct stat status {};
  check(::fstat(found->get(), &status), "stat ", path);
  if (!S_ISDIR(status.st_mode)) {
    throw ImageError(cat("the image has a file at ", path, " where a directory has to be"));
  }
  return std::move(*found);
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

std::string look_at_target(const std::string& root, const std::string& target, bool no_symlink) {
  const std::string there = look_at_mount(host_path(root, target));
  return no_symlink ? there : there + " || tail -n 1 /proc/$PID/mountinfo";
}

UniqueFd open_own_source(const std::string& source) {
  const std::string volume = parent_of(source);
  const UniqueFd volumes = files::open_at(AT_FDCWD, parent_of(volume), O_PATH | O_DIRECTORY);
  const std::string inside = cat(name_of(volume), "/", name_of(source));
  UniqueFd fd(
      files::try_open_in_root(volumes.get(), inside, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
  if (fd) return fd;
  const int number = errno;
  throw SysError(number, cat("open volume ", source),
                 number == ELOOP || number == ENOTDIR
                     ? "a volume's directory must not be replaced by a symlink or a file"
                     : "");
}

bool has_option(const std::vector<std::string>& options, std::string_view key) {
  return std::any_of(options.begin(), options.end(), [key](const std::string& option) {
    return std::string_view(option).substr(0, option.find('=')) == key;
  });
}

std::optional<struct stat> look_of(int root, const std::string& target) {
  const UniqueFd covered(files::try_open_in_root(root, target, O_PATH | O_DIRECTORY));
  struct stat status {};
  if (!covered || ::fstat(covered.get(), &status) == -1) return std::nullopt;
  return status;
}

void append_look(std::vector<std::string>& options, const std::optional<struct stat>& look) {
  if (!look) return;
  const std::array values = {cat("mode=", octal(look->st_mode & 07777)), cat("uid=", look->st_uid),
                             cat("gid=", look->st_gid)};
  for (size_t i = 0; i < look_options.size(); ++i) {
    if (!has_option(options, look_options[i].key)) options.push_back(values[i]);
  }
}

}  // namespace

std::string attribute_names(uint64_t attributes) {
  std::string names;
  for (const auto& [attribute, name] : attribute_table) {
    if ((attributes & attribute) != 0) names = joined(std::move(names), name);
  }
  return names;
}

}  // namespace minirun::mount
