#include "image/layer/dirs.h"

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t max_open = 64;
constexpr int dir_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

}  // namespace

LayerDirs::LayerDirs(int diff) : root_(files::open_at(diff, ".", dir_flags)) {}

int LayerDirs::open(const std::string& path, const std::string& where) {
  if (path.empty()) return root_.get();
  if (const auto known = open_.find(path); known != open_.end()) return known->second.get();
  UniqueFd found = find(path);
  bool followed = false;
  if (!found) found = walk(path, where, followed);
  if (followed) {
    followed_ = std::move(found);
    return followed_.get();
  }
  if (open_.size() == max_open) open_.clear();
  return open_.emplace(path, std::move(found)).first->second.get();
}

std::string LayerDirs::real_path(int dir, const std::string& path) const {
  if (dir == root_.get()) return "";
  if (dir != followed_.get()) return path;
  const std::string root = files::path_of(root_.get());
  const std::string real = files::path_of(dir);
  if (real == root) return "";
  if (!real.starts_with(root + "/")) throw Error(cat("cannot tell where ", printable(path), " is"));
  return real.substr(root.size() + 1);
}

UniqueFd LayerDirs::find(const std::string& path) const {
  const std::string& name = path.empty() ? "." : path;
  return UniqueFd(files::try_open_in_root(root_.get(), name, dir_flags, RESOLVE_NO_SYMLINKS));
}

UniqueFd LayerDirs::walk(const std::string& path, const std::string& where, bool& followed) {
  UniqueFd dir;
  for (size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    const std::string name = prefix.substr(prefix.rfind('/') + 1);
    dir = step(dir ? dir.get() : root_.get(), name, prefix, where, followed);
    if (end == std::string::npos) return dir;
  }
}

UniqueFd LayerDirs::step(int dir, const std::string& name, const std::string& path,
                         const std::string& where, bool& followed) {
  UniqueFd next(::openat(dir, name.c_str(), dir_flags | O_NOFOLLOW));
  if (next) return next;
  const auto status = files::stat_at(dir, name);
  if (!status) return make(dir, name, where);
  if (is_whiteout(*status)) {
    check(::unlinkat(dir, name.c_str(), 0), where, ": unlink whiteout");
    next = make(dir, name, where);
    set_opaque(next.get(), where);
    return next;
  }
  if (S_ISLNK(status->st_mode)) {
    followed = true;
    next = UniqueFd(files::try_open_in_root(root_.get(), path, dir_flags));
    if (next) return next;
    throw ImageError(cat(where, ": its parent ", printable(path.substr(0, 200)),
                         " is a symlink that leads to no directory of this layer"),
                     "the entry could only be written somewhere else; do not trust this image");
  }
  throw ImageError(
      cat(where, ": its parent ", printable(path.substr(0, 200)), " is not a directory"),
      "the layer contradicts itself; save the image again");
}

UniqueFd LayerDirs::make(int dir, const std::string& name, const std::string& where) {
  check(::mkdirat(dir, name.c_str(), 0755), where, ": mkdir ", name);
  UniqueFd made = files::open_at(dir, name, dir_flags | O_NOFOLLOW);
  check(::fchmod(made.get(), 0755), where, ": chmod ", name);  // the umask may have taken bits away
  ++made_;
  return made;
}

void LayerDirs::forget(const std::string& path) {
  const std::string below = path + "/";
  std::erase_if(
      open_, [&](const auto& item) { return item.first == path || item.first.starts_with(below); });
}

}  // namespace minirun::image
