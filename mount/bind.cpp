#include "mount/bind.h"

#include <sys/mount.h>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

/// A volume's _data. A person chose the way to the volumes' directory and may have symlinks in it;
/// its last two parts are ours, and a symlink there was put by somebody who wants something else of
/// the host in the container.
UniqueFd open_own_source(const std::string& source);

}  // namespace

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

namespace {

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

}  // namespace

}  // namespace minirun::mount
