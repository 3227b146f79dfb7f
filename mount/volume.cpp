// Fills a volume. A kill at any moment leaves it empty, or lets the next runner finish:
//
//     volumes/<name>            locked (flock(2)) all the time
//     volumes/<name>/filling    the copy, not complete; if a dead runner left it, it is removed
//     volumes/<name>/filled     the complete copy; its entries are moved into _data one by one; if
//                               a dead runner left it, the move goes on
//     volumes/<name>/_data      keeps its inode, because a running container may have it mounted
#include "mount/volume.h"

#include <sys/file.h>

#include <algorithm>
#include <cstdio>

#include "mount/attach.h"
#include "runner/base/copy_tree.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr const char* data_name = "_data";
constexpr const char* anonymous_name = "anonymous";

/// A directory of ours, never through a symlink that somebody put in its place.
UniqueFd open_own_dir(int parent, const std::string& name);

UniqueFd open_volume(const std::string& volumes_dir, const std::string& name);

/// mkdir(2) with exactly this mode; there already is fine.
void make_dir(int parent, const std::string& name, mode_t mode);

/// Moves a whole copy into the volume: what a killed runner has not moved yet.
void move_in(int volume);

/// The image's directory at `target`, without what is mounted in the container by now; nullopt if
/// it has none.
UniqueFd open_of_image(int root, const std::string& target);

std::string left_out(const std::vector<std::string>& devices, const std::string& target);

}  // namespace

// LESSON: make-volume
void MakeVolume::apply(Live&) const {
  files::make_dirs(volumes_dir, 0700);
  const UniqueFd volumes = files::open_at(AT_FDCWD, volumes_dir, O_RDONLY | O_DIRECTORY);
  if (is_volume_name(name)) make_dir(volumes.get(), name, 0700);
  const UniqueFd volume = open_volume(volumes_dir, name);
  // The mark comes first, so that a kill in between leaves nothing that looks like a person's
  // volume.
  if (anonymous) files::replace_file(volume.get(), anonymous_name, "", 0600);
  make_dir(volume.get(), data_name, 0755);
}

std::string MakeVolume::shell() const {
  const auto make = [](const char* mode, const std::string& dir) {
    return cat("[ -d ", shell_quote(dir), " ] || mkdir -m ", mode, " ", shell_quote(dir));
  };
  const std::string dir = cat(volumes_dir, "/", name);
  std::string text = cat(make("700", volumes_dir), "\n", make("700", dir));
  if (anonymous) text += cat("\n: > ", shell_quote(cat(dir, "/", anonymous_name)));
  return cat(text, "\n", make("755", cat(dir, "/", data_name)));
}

std::vector<std::string> MakeVolume::calls() const {
  const std::string volume = unknown("volume");
  std::vector<std::string> list = {
      call("mkdirat", unknown(name_of(volumes_dir)), c_string(name), "0700")};
  append(list, only_if("it is new", {call("fchmod", volume, "0700")}));
  if (anonymous) {
    const std::string beside = c_string(cat(".", anonymous_name, ".<minirun's pid>"));
    append(list,
           {call("openat", volume, beside, "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC", "0600"),
            call("fchmod", unknown(anonymous_name), "0600"),
            call("renameat", volume, beside, volume, c_string(anonymous_name))});
  }
  list.push_back(call("mkdirat", volume, c_string(data_name), "0700"));
  append(list, only_if("it is new", {call("fchmod", unknown(data_name), "0755")}));
  return list;
}

std::string MakeVolume::look() const {
  return cat("ls -la ", shell_quote(cat(volumes_dir, "/", name)));
}

void MakeVolume::undo(Live&) const {
  if (!anonymous || keep || !is_volume_name(name)) return;
  const auto volumes = files::open_if_exists(AT_FDCWD, volumes_dir, O_RDONLY | O_DIRECTORY);
  if (volumes) files::remove_tree(volumes->get(), name);
}

std::string MakeVolume::undo_shell() const {
  if (!anonymous || keep) return {};
  return cat("rm -rf --one-file-system ", shell_quote(cat(volumes_dir, "/", name)));
}

// LESSON: fill-volume
void FillVolume::apply(Live& live) const {
  const UniqueFd volume = open_volume(volumes_dir, name);
  files::lock(volume.get(), LOCK_EX, cat(volumes_dir, "/", name));
  move_in(volume.get());
  const UniqueFd data = open_own_dir(volume.get(), data_name);
  if (!files::list_dir(data.get(), ".").empty()) return;
  const UniqueFd from = open_of_image(root_of(live), target);
  if (!from) return;
  files::remove_tree(volume.get(), "filling");
  check(::mkdirat(volume.get(), "filling", 0700), "mkdir ", volumes_dir, "/", name, "/filling");
  const UniqueFd filling = open_own_dir(volume.get(), "filling");
  live.note = left_out(files::copy_tree(from.get(), filling.get()), target);
  // A volume that somebody named must not hold empty files after a power cut. It costs a flush of
  // the disk, once.
  const bool outlives_us = !files::stat_at(volume.get(), anonymous_name);
  if (outlives_us) check(::syncfs(volume.get()), "syncfs ", volumes_dir);
  check(::renameat(volume.get(), "filling", volume.get(), "filled"), "rename to filled");
  move_in(volume.get());
}

std::string FillVolume::shell() const {
  const std::string data = shell_quote(cat(volumes_dir, "/", name, "/", data_name));
  return cat(shell_inside(root, target), "\nif [ -d \"$at\" ] && [ -z \"$(ls -A ", data,
             ")\" ]; then\n  cp -a --one-file-system \"$at/.\" ", data, "\n  find ", data,
             " '(' -type b -o -type c ')' -delete  # no device of the host\nfi");
}

// After mkdirat(2), a call or more for each file of the image; after renameat(2), one for each of
// the top.
std::vector<std::string> FillVolume::calls() const {
  const std::string volume = unknown("volume");
  std::vector<std::string> list = {call("flock", volume, "LOCK_EX")};
  append(list, only_if("the volume is empty", {clone_mount_call(name_of(root), false)}));
  const std::string filling = c_string("filling");
  const char* if_filled = "it is and the image has files there";
  append(list, only_if(if_filled, {call("mkdirat", volume, filling, "0700")}));
  append(list, only_if("it is filled, and somebody has named it", {call("syncfs", volume)}));
  append(list, only_if(if_filled, {call("renameat", volume, filling, volume, c_string("filled"))}));
  return list;
}

std::string FillVolume::look() const {
  return cat("ls -la ", shell_quote(cat(volumes_dir, "/", name, "/", data_name)));
}

namespace {

UniqueFd open_own_dir(int parent, const std::string& name) {
  UniqueFd fd(files::try_open_in_root(parent, name, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
  if (fd) return fd;
  const int number = errno;
  throw SysError(number, cat("open ", files::path_of(parent), "/", name),
                 number == ELOOP || number == ENOTDIR
                     ? "a volume's directory must not be replaced by a symlink or a file"
                     : "");
}

UniqueFd open_volume(const std::string& volumes_dir, const std::string& name) {
  if (!is_volume_name(name)) {
    throw UsageError(
        cat("'", printable(name), "' is no volume name"),
        "letters, digits, '_', '.' and '-', and a letter or digit first; a directory of "
        "the host begins with / or .");
  }
  const UniqueFd volumes = files::open_at(AT_FDCWD, volumes_dir, O_RDONLY | O_DIRECTORY);
  return open_own_dir(volumes.get(), name);
}

void make_dir(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), 0700) == 0) {
    const UniqueFd made = open_own_dir(parent, name);
    check(::fchmod(made.get(), mode), "chmod ", name);
  } else if (errno != EEXIST) {
    throw SysError(errno, cat("mkdir ", files::path_of(parent), "/", name));
  }
}

void move_in(int volume) {
  if (!files::stat_at(volume, "filled")) return;
  const UniqueFd from = open_own_dir(volume, "filled");
  const UniqueFd to = open_own_dir(volume, data_name);
  struct stat status {};  // before the renames, which change its time
  check(::fstat(from.get(), &status), "stat ", files::path_of(from.get()));
  for (const std::string& name : files::list_dir(from.get(), ".")) {
    // What a running container has written under that name meanwhile is newer than the image's.
    if (::renameat2(from.get(), name.c_str(), to.get(), name.c_str(), RENAME_NOREPLACE) == -1 &&
        errno != EEXIST) {
      throw SysError(errno, cat("rename ", name, " into the volume"));
    }
  }
  files::copy_dir_metadata(from.get(), to.get(), status);
  files::remove_tree(volume, "filled");
}

UniqueFd open_of_image(int root, const std::string& target) {
  const UniqueFd image = clone_mount(root, false);
  UniqueFd dir(files::try_open_in_root(image.get(), target, O_RDONLY | O_DIRECTORY));
  if (!dir && errno != ENOENT && errno != ENOTDIR) {
    throw SysError(errno, cat("open ", target, " in the image"));
  }
  return dir;
}

std::string left_out(const std::vector<std::string>& devices, const std::string& target) {
  if (devices.empty()) return {};
  return cat("the volume on ", target, " is filled without the image's device nodes (", target, "/",
             devices.front(), devices.size() > 1 ? " and more" : "",
             "): only /dev has devices in a container");
}

}  // namespace

bool is_volume_name(std::string_view name) {
  static constexpr std::string_view alphanumeric =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const auto allowed = [](char c) {
    return alphanumeric.find(c) != std::string_view::npos || c == '_' || c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= 255 &&
         alphanumeric.find(name.front()) != std::string_view::npos &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace minirun::mount
