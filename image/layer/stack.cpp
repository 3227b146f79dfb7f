#include "image/layer/stack.h"

#include <fcntl.h>

#include <deque>
#include <set>

#include "image/layer/dirs.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr int max_links = 40;  // the kernel's own bound, path_resolution(7)

/// A directory of the merged tree: the directories of single layers that make it, topmost first.
struct Merged {
  struct Part {
    size_t layer;
    int fd;
    UniqueFd own;  // empty for a root, which the stack keeps open
  };
  std::vector<Part> parts;
};

/// What a name in a merged directory is: a directory of several layers, or one layer's file.
struct Entry {
  Merged directory;
  std::optional<size_t> file_part;  // index into the parent's parts
  mode_t type = 0;
};

std::optional<Entry> look_up(const Merged& parent, const std::string& name) {
  Entry entry;
  for (size_t i = 0; i < parent.parts.size(); ++i) {
    const Merged::Part& part = parent.parts[i];
    const auto status = files::stat_at(part.fd, name);
    if (!status) continue;
    if (is_whiteout(*status)) break;
    if (!S_ISDIR(status->st_mode)) {
      if (!entry.directory.parts.empty()) break;  // a directory above hides a file below
      entry.file_part = i;
      entry.type = status->st_mode & S_IFMT;
      return entry;
    }
    UniqueFd dir = files::open_at(part.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const int fd = dir.get();
    entry.directory.parts.push_back({part.layer, fd, std::move(dir)});
    entry.type = S_IFDIR;
    if (is_opaque(fd)) break;
  }
  if (entry.directory.parts.empty()) return std::nullopt;
  return entry;
}

void put_before(std::deque<std::string>& todo, std::string_view path) {
  const auto parts = split(path, '/');
  for (size_t i = parts.size(); i-- > 0;) todo.emplace_front(parts[i]);
}

/// A walk from the root: the directories that we are in, and the names still to go.
class Walk {
 public:
  Walk(const std::vector<UniqueFd>& roots, const std::string& path, Links links) : links_(links) {
    Merged root;
    for (size_t i = 0; i < roots.size(); ++i) {
      root.parts.push_back({i, roots[i].get(), {}});
      if (is_opaque(roots[i].get())) break;
    }
    in_.push_back(std::move(root));
    put_before(todo_, path);
  }

  /// The directory where the walk ended, if it ended in one.
  const Merged& directory() const { return in_.back(); }

  /// Where it has come to, relative to the root.
  std::string path() const {
    std::string path;
    for (const std::string& name : names_) path += cat(path.empty() ? "" : "/", name);
    return path;
  }

  std::optional<Stack::Found> run() {
    while (!todo_.empty()) {
      const std::string name = todo_.front();
      todo_.pop_front();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        leave();
        continue;
      }
      auto entry = look_up(in_.back(), name);
      if (!entry) return nothing_at(name);
      if (!entry->file_part) {
        in_.push_back(std::move(entry->directory));
        names_.push_back(name);
      } else if (entry->type == S_IFLNK && follows_here()) {
        if (!follow(in_.back().parts[*entry->file_part].fd, name)) return nothing_at(name);
      } else {
        // Of "file/x" and "file/" there is nothing, as for the kernel (ENOTDIR).
        if (!todo_.empty()) return nothing_at(name);
        names_.push_back(name);
        return found(in_.back().parts[*entry->file_part], name);
      }
    }
    if (in_.back().parts.empty()) return std::nullopt;
    return found(in_.back().parts.front(), ".");
  }

 private:
  void leave() {
    if (names_.empty()) return;  // ".." of the root is the root
    in_.pop_back();
    names_.pop_back();
  }

  bool follows_here() const {
    return links_ == Links::follow || (links_ == Links::keep_last && !todo_.empty());
  }

  bool follow(int dir, const std::string& name) {
    if (++followed_ > max_links) return false;
    const std::string target = files::read_link(dir, name).value_or("");
    if (target.starts_with('/')) {
      in_.erase(in_.begin() + 1, in_.end());
      names_.clear();
    }
    put_before(todo_, target);
    return true;
  }

  /// The walk ends where the tree does; its path is the one that was looked for.
  std::nullopt_t nothing_at(const std::string& name) {
    std::string rest = cat(path(), "/", name);
    for (const std::string& part : todo_) rest += cat("/", part);
    names_ = {clean_absolute(rest).substr(1)};
    return std::nullopt;
  }

  Stack::Found found(const Merged::Part& part, const std::string& name) const {
    return {part.layer, path(), files::open_at(part.fd, name, O_PATH | O_NOFOLLOW)};
  }

  std::vector<Merged> in_;
  std::vector<std::string> names_;
  std::deque<std::string> todo_;
  Links links_;
  int followed_ = 0;
};

}  // namespace

Stack::Stack(const std::vector<std::string>& diffs) {
  for (const std::string& diff : diffs) {
    layers_.push_back(files::open_at(AT_FDCWD, diff, O_RDONLY | O_DIRECTORY));
  }
}

std::optional<Stack::Found> Stack::find(const std::string& path, Links links) const {
  return Walk(layers_, path, links).run();
}

UniqueFd Stack::open(const Found& found) const {
  return files::open_at(layer(found.layer), found.path.empty() ? "." : found.path,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

std::string Stack::resolve(const std::string& path, Links links) const {
  Walk walk(layers_, path, links);
  walk.run();
  return walk.path();
}

std::optional<std::string> Stack::read(const std::string& path, size_t limit) const {
  const auto found = find(path);
  if (!found) return std::nullopt;
  struct stat status {};
  check(::fstat(found->fd.get(), &status), "stat ", path);
  const std::string shown = printable(path);
  if (!S_ISREG(status.st_mode)) {
    throw ImageError(cat(shown, " in the image is not a regular file"),
                     "minirun reads it before the container starts");
  }
  if (static_cast<uint64_t>(status.st_size) > limit) {
    throw ImageError(cat(shown, " in the image has ",
                         human_size(static_cast<uint64_t>(status.st_size)), "; at most ",
                         human_size(limit), " are read"));
  }
  // The kind of file is known, so opening it again by its descriptor can neither block nor act on a
  // device.
  return files::read_all(
      files::open_at(AT_FDCWD, cat("/proc/self/fd/", found->fd.get()), O_RDONLY).get(), shown,
      limit);
}

namespace {

struct Names {
  std::set<std::string> shown;
  std::set<std::string> whiteouts;
  std::set<std::string> hidden;  // what these whiteouts hide indeed
};

Names names_in(const Merged& directory) {
  Names names;
  for (const Merged::Part& part : directory.parts) {
    for (const std::string& name : files::list_dir(part.fd, ".")) {
      const auto status = files::stat_at(part.fd, name);
      if (!status) continue;
      const bool is_hidden = names.whiteouts.contains(name);
      const bool hides = is_whiteout(*status) && !names.shown.contains(name);
      if (is_hidden && is_whiteout(*status)) continue;
      (is_hidden ? names.hidden : hides ? names.whiteouts : names.shown).insert(name);
    }
  }
  return names;
}

std::vector<size_t> layers_of(const Merged& directory) {
  std::vector<size_t> layers;
  for (const Merged::Part& part : directory.parts) layers.push_back(part.layer);
  return layers;
}

}  // namespace

std::vector<std::string> Stack::list(const std::string& path, Links links) const {
  Walk walk(layers_, path + "/.", links);
  if (!walk.run()) return {};
  const Names names = names_in(walk.directory());
  return {names.shown.begin(), names.shown.end()};
}

std::optional<Stack::Directory> Stack::read_dir(const std::string& path) const {
  Walk walk(layers_, path + "/.", Links::follow);
  if (!walk.run()) return std::nullopt;
  const Merged& merged = walk.directory();
  const Names names = names_in(merged);
  Directory directory{layers_of(merged), {}, names.hidden.size()};
  for (const std::string& name : names.shown) {
    const auto entry = look_up(merged, name);
    if (!entry) continue;
    Name shown{name, layers_of(entry->directory), {}, {}};
    if (entry->file_part) {
      const Merged::Part& part = merged.parts[*entry->file_part];
      shown.layers = {part.layer};
      check(::fstatat(part.fd, name.c_str(), &shown.status, AT_SYMLINK_NOFOLLOW), "stat ", name);
      if (entry->type == S_IFLNK) shown.target = files::read_link(part.fd, name).value_or("");
    } else {
      check(::fstat(entry->directory.parts.front().fd, &shown.status), "stat ", name);
    }
    directory.names.push_back(std::move(shown));
  }
  return directory;
}

}  // namespace minirun::image
