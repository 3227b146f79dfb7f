#include "mount/overlay.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

/// What overlay is told instead where the names don't fit in a page: symlinks named by numbers in a
/// directory of the container's.
struct Shortened {
  std::string dir;
  std::vector<std::pair<std::string, std::string>> links;  // name and what it stands for
  Overlay overlay;                                         // the same in terms of the links
};

/// Goes to a directory, and back when it ends.
class WorkingDir {
 public:
  explicit WorkingDir(const std::string& path)
      : before_(files::open_at(AT_FDCWD, ".", O_PATH | O_DIRECTORY)) {
    check(::chdir(path.c_str()), "chdir ", path);
  }
  WorkingDir(const WorkingDir&) = delete;
  WorkingDir& operator=(const WorkingDir&) = delete;
  // Failure can't be told here, and does no harm: everything after goes by descriptor or absolute
  // path.
  ~WorkingDir() { static_cast<void>(::fchdir(before_.get()) == 0); }

 private:
  UniqueFd before_;
};

bool can_be_written_plainly(const Overlay& overlay);
Shortened shorten(const Overlay& overlay);

/// The overlay with each layer once, refused where no kernel would take it.
Overlay mountable(const Overlay& overlay);

void mount_overlay(const Overlay& overlay);
std::vector<std::string> mount_calls(const Overlay& overlay);

/// mount(8) joins its -o options with commas; apart they fit a page. None has a comma in it.
std::string mount_line(const Overlay& overlay);

}  // namespace

// LESSON: overlay
void Overlay::apply(Live& live) const {
  const Overlay once = mountable(*this);
  if (can_be_written_plainly(once)) {
    mount_overlay(once);
  } else {
    const Shortened shortened = shorten(once);
    files::make_dirs(shortened.dir, 0700);
    const UniqueFd dir = files::open_at(AT_FDCWD, shortened.dir, O_RDONLY | O_DIRECTORY);
    for (const auto& [name, target] : shortened.links) {
      check(::symlinkat(target.c_str(), dir.get(), name.c_str()), "symlink ", shortened.dir, "/",
            name);
    }
    mount_overlay(shortened.overlay);
  }
  live.root = files::open_at(AT_FDCWD, merged, O_PATH | O_DIRECTORY);
}

std::string Overlay::shell() const {
  const Overlay once = mountable(*this);
  if (can_be_written_plainly(once)) return mount_line(once);
  const Shortened shortened = shorten(once);
  std::string text = cat("mkdir -p ", shell_quote(shortened.dir), "\n");
  for (const auto& [name, target] : shortened.links) {
    text +=
        cat("ln -s ", shell_quote(target), " ", shell_quote(cat(shortened.dir, "/", name)), "\n");
  }
  return text + mount_line(shortened.overlay);
}

std::vector<std::string> Overlay::calls() const {
  const Overlay once = mountable(*this);
  if (can_be_written_plainly(once)) return mount_calls(once);
  const Shortened shortened = shorten(once);
  std::vector<std::string> list = {call("mkdir", c_string(shortened.dir), "0700")};
  for (const auto& [name, target] : shortened.links) {
    list.push_back(call("symlinkat", c_string(target), unknown("short"), c_string(name)));
  }
  append(list, mount_calls(shortened.overlay));
  return list;
}

std::string Overlay::look() const { return look_at_mount(merged); }

namespace {

constexpr size_t max_layers = 500;    // OVL_MAX_STACK
constexpr size_t max_options = 4095;  // mount(2) reads one page, the last byte of which must be 0

std::vector<std::string> without_repeats(const std::vector<std::string>& lower) {
  std::set<std::string_view> seen;
  std::vector<std::string> kept;
  for (const std::string& name : lower) {
    if (seen.insert(name).second) kept.push_back(name);
  }
  return kept;
}

std::string options_of(const Overlay& overlay) {
  std::string options = "lowerdir=";
  for (const std::string& name : overlay.lower) {
    if (options.back() != '=') options += ':';
    options += name;
  }
  // redirect_dir and metacopy would let an xattr of the image name any file of a layer as another's
  // content.
  options += cat(",upperdir=", overlay.upper, ",workdir=", overlay.work,
                 ",redirect_dir=nofollow,metacopy=off,index=off");
  if (overlay.is_volatile) options += ",volatile";
  return options;
}

/// Overlay splits its options at these, and kernels differ in how they take them back from a
/// backslash.
bool has_separator(std::string_view text) {
  return text.find_first_of(":,\\") != std::string_view::npos;
}

bool can_be_written_plainly(const Overlay& overlay) {
  return !has_separator(overlay.upper) && !has_separator(overlay.work) &&
         std::none_of(overlay.lower.begin(), overlay.lower.end(), has_separator) &&
         options_of(overlay).size() <= max_options;
}

Shortened shorten(const Overlay& overlay) {
  Shortened result{cat(parent_of(overlay.work), "/short"), {}, overlay};
  result.overlay.base = result.dir;
  result.overlay.upper = "upper";
  result.overlay.work = "work";
  result.links = {{"upper", overlay.upper}, {"work", overlay.work}};
  for (size_t i = 0; i < overlay.lower.size(); ++i) {
    result.overlay.lower[i] = std::to_string(i);
    result.links.emplace_back(result.overlay.lower[i], cat(overlay.base, "/", overlay.lower[i]));
  }
  return result;
}

Overlay mountable(const Overlay& overlay) {
  Overlay once = overlay;
  once.lower = without_repeats(overlay.lower);
  if (once.lower.size() > max_layers) {
    throw Error(
        cat("the image has ", once.lower.size(), " layers, and overlay takes at most ", max_layers),
        "build it with fewer layers, or squash it (docker build --squash)");
  }
  return once;
}

std::string hint_for(int number, const std::string& work) {
  struct statfs fs {};
  const bool on_overlay = ::statfs(work.c_str(), &fs) == 0 && fs.f_type == OVERLAYFS_SUPER_MAGIC;
  if (on_overlay && number == EINVAL) {
    return "the store must not lie on an overlay file system (are we in a container?): choose a "
           "directory elsewhere with --root DIR or MINIRUN_ROOT";
  }
  switch (number) {
    case EINVAL:
      return "the store's file system must know xattrs and d_type (ext4, xfs, btrfs, tmpfs); "
             "dmesg(1) says what overlay misses. --root DIR or MINIRUN_ROOT chooses another";
    case ENOENT:
      return "a layer, the upper or the work directory is missing; load the image again";
    case ELOOP:
      return "a layer is named twice, or one layer lies inside another";
    case EBUSY:
      return "the upper or work directory is in use by another overlay mount";
    case ENODEV:
      return "this kernel has no overlay: try modprobe overlay";
    case ENOSPC:
      return "too many mounts (/proc/sys/fs/mount-max), or the store's disk is full (df -h, df -i)";
    default:
      return {};
  }
}

void mount_overlay(const Overlay& overlay) {
  const WorkingDir in_base(overlay.base);
  const std::string options = options_of(overlay);
  if (::mount("overlay", overlay.merged.c_str(), "overlay", MS_NODEV, options.c_str()) == 0) return;
  const int number = errno;
  throw SysError(number, cat("mount overlay ", overlay.merged), hint_for(number, overlay.work));
}

std::vector<std::string> mount_calls(const Overlay& overlay) {
  return {call("chdir", c_string(overlay.base)),
          call("mount", c_string("overlay"), c_string(overlay.merged), c_string("overlay"),
               "MS_NODEV", c_string(options_of(overlay))),
          call("fchdir", unknown("where it stood"))};
}

std::string mount_line(const Overlay& overlay) {
  std::string line = cat("(cd ", shell_quote(overlay.base), " && mount -t overlay -o nodev");
  const std::string options = options_of(overlay);
  for (const std::string_view option : split(options, ','))
    line += cat(" -o ", shell_quote(option));
  return cat(line, " overlay ", shell_quote(overlay.merged), ")");
}

}  // namespace

std::string overlay_options(const Overlay& overlay) {
  const Overlay once = mountable(overlay);
  return options_of(can_be_written_plainly(once) ? once : shorten(once).overlay);
}

}  // namespace minirun::mount
