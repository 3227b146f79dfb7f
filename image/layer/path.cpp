#include "image/layer/path.h"

#include <climits>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view aufs_prefix = ".wh..wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

[[noreturn]] void refuse(const std::string& where, std::string_view what) {
  throw ImageError(cat(where, ": ", what), "no layer needs such an entry; do not trust this image");
}

std::vector<std::string_view> parts_of(std::string_view path, const std::string& where) {
  if (path.size() >= PATH_MAX) refuse(where, "the path is longer than 4095 bytes");
  std::vector<std::string_view> parts;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") refuse(where, "the path holds \"..\", which could lead out of the layer");
    if (part.size() > NAME_MAX) refuse(where, "a part of the path is longer than 255 bytes");
    parts.push_back(part);
  }
  return parts;
}

EntryMark mark_of(const std::vector<std::string_view>& parts, const std::string& where) {
  if (parts.back() == opaque_name) return EntryMark::opaque;
  const std::string_view name = parts.back();
  if (!name.starts_with(whiteout_prefix)) return EntryMark::none;
  const std::string_view hidden = name.substr(whiteout_prefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") {
    refuse(where, "this whiteout hides no name that a file can have");
  }
  return EntryMark::whiteout;
}

}  // namespace

LayerPath parse_layer_path(std::string_view path, const std::string& where) {
  const auto parts = parts_of(path, where);
  LayerPath parsed;
  if (parts.empty()) return parsed;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i].starts_with(aufs_prefix) && !(last && parts[i] == opaque_name)) {
      parsed.mark = EntryMark::ignored;
      return parsed;
    }
    if (last) break;
    if (parts[i].starts_with(whiteout_prefix)) refuse(where, "a whiteout cannot be a directory");
    if (!parsed.parent.empty()) parsed.parent += '/';
    parsed.parent += parts[i];
  }
  parsed.mark = mark_of(parts, where);
  if (parsed.mark == EntryMark::none) parsed.name = parts.back();
  if (parsed.mark == EntryMark::whiteout) {
    parsed.name = parts.back().substr(whiteout_prefix.size());
  }
  return parsed;
}

}  // namespace minirun::image
