#include "image/layer/hidden_links.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "image/layer/stack.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

/// What a path of one layer is, without following its last part; nullopt if there is nothing.
std::optional<mode_t> kind_in(int layer, const std::string& path) {
  const UniqueFd fd(files::try_open_in_root(layer, path, O_PATH | O_NOFOLLOW));
  if (!fd) return std::nullopt;
  struct stat status {};
  check(::fstat(fd.get(), &status), "stat ", printable(path));
  return status.st_mode & S_IFMT;
}

/// The directories of a layer in its upper two levels that are not opaque.
std::vector<std::string> merged_dirs(int layer) {
  std::vector<std::string> dirs;
  const auto add_below = [&](const std::string& parent) {
    const std::string at = parent.empty() ? "." : parent;
    for (const std::string& name : files::list_dir(layer, at)) {
      const std::string path = parent.empty() ? name : cat(parent, "/", name);
      const UniqueFd dir(files::try_open_in_root(layer, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      if (dir && !is_opaque(dir.get())) dirs.push_back(path);
    }
  };
  add_below("");
  const std::vector<std::string> tops = dirs;
  for (const std::string& top : tops) add_below(top);
  return dirs;
}

/// The nearest of the layers below `layer` that has `path` has it as a symlink: most have not, and
/// need no closer look.
bool may_hide_link(const Stack& stack, size_t layer, const std::string& path) {
  for (size_t below = layer + 1; below < stack.size(); ++below) {
    if (const auto kind = kind_in(stack.layer(below), path)) return *kind == S_IFLNK;
  }
  return false;
}

std::optional<HiddenLink> look_closer(const std::vector<std::string>& diffs, const Stack& stack,
                                      size_t layer, const std::string& path) {
  const auto from = diffs.begin() + static_cast<std::ptrdiff_t>(layer) + 1;
  const Stack below({from, diffs.end()});
  const auto link = below.find("/" + path, Links::keep_last);
  if (!link || link->path != path) return std::nullopt;
  const auto target = files::read_link(link->fd.get(), "");
  const auto led_to = below.read_dir("/" + path);
  if (!target || !led_to) return std::nullopt;
  const auto own = files::list_dir(stack.layer(layer), path);
  size_t missed = 0;
  for (const Stack::Name& name : led_to->names) {
    if (std::find(own.begin(), own.end(), name.name) == own.end()) ++missed;
  }
  if (missed == 0) return std::nullopt;
  return HiddenLink{layer, path, *target, missed};
}

}  // namespace

std::vector<HiddenLink> find_hidden_links(const std::vector<std::string>& diffs) {
  std::vector<HiddenLink> links;
  const Stack stack(diffs);
  for (size_t layer = 0; layer + 1 < stack.size(); ++layer) {
    for (const std::string& path : merged_dirs(stack.layer(layer))) {
      if (!may_hide_link(stack, layer, path)) continue;
      if (auto link = look_closer(diffs, stack, layer, path)) links.push_back(std::move(*link));
    }
  }
  return links;
}

std::string words_of(const HiddenLink& link) {
  const std::string path = "/" + printable(link.path);
  return cat(path, " is a directory where the layers below have a symlink to ",
             printable(link.target), ": ", link.names, link.names == 1 ? " name" : " names",
             " that it led to ", link.names == 1 ? "is" : "are", " no longer found in ", path);
}

}  // namespace minirun::image
