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

/// A directory that is where its path says, made if missing.
UniqueFd real_dir(int root, const std::string& path);

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
  for (const std::string& option : options) flags += cat(flags.empty() ? "" : ",", option);
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

}  // namespace minirun::mount
