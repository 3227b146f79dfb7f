// The warm start: remembers which images an archive has. The key is what stat(2) says of the
// archive's file. The value has a line for each image:
//
//     <id> TAB os TAB architecture TAB variant TAB name:tag TAB name:tag
//
// It is only a hint. An image that it names is looked up, and its config verified, like any other.
#include <algorithm>

#include "image/store/files.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

std::optional<ArchiveImage> parse_line(std::string_view line) {
  const auto fields = split(line, '\t');
  if (fields.size() < 4) return std::nullopt;
  const auto id = Digest::from_hex(fields[0]);
  if (!id) return std::nullopt;
  ArchiveImage image{
      *id, {std::string(fields[1]), std::string(fields[2]), std::string(fields[3])}, {}};
  for (size_t i = 4; i < fields.size(); ++i) image.names.emplace_back(fields[i]);
  return image;
}

/// Platforms come from a stranger's config: one that would break the lines is not remembered.
bool is_plain(std::string_view text) {
  return text.find_first_of("\t\n") == std::string_view::npos;
}

bool is_in_store(int store, const std::vector<std::string>& record) {
  return std::any_of(record.begin(), record.end(), [&](const std::string& line) {
    const auto image = parse_line(line);
    return image && files::stat_at(store, store_files::image_dir(image->id));
  });
}

}  // namespace

std::string FileKey::str() const {
  return cat(device, "-", inode, "-", size, "-", mtime_ns, "-", ctime_ns);
}

std::optional<std::vector<ArchiveImage>> Store::archive(const FileKey& key) const {
  const auto lines = store_files::read_lines(fd_.get(), "archives/" + key.str());
  std::vector<ArchiveImage> images;
  for (const std::string& line : lines) {
    auto image = parse_line(line);
    if (!image) return std::nullopt;
    images.push_back(std::move(*image));
  }
  if (images.empty()) return std::nullopt;
  return images;
}

void Store::remember_archive(const FileKey& key, const std::vector<ArchiveImage>& images) const {
  std::string record;
  for (const ArchiveImage& image : images) {
    const Platform& platform = image.platform;
    if (!is_plain(platform.os) || !is_plain(platform.architecture) || !is_plain(platform.variant))
      return;
    record +=
        cat(image.id.hex(), "\t", platform.os, "\t", platform.architecture, "\t", platform.variant);
    for (const std::string& name : image.names) record += "\t" + name;
    record += "\n";
  }
  const UniqueFd archives = files::open_at(fd_.get(), "archives", O_RDONLY | O_DIRECTORY);
  const std::string same_file = cat(key.device, "-", key.inode, "-");
  for (const std::string& name : files::list_dir(archives.get(), ".")) {
    if (name == key.str() || name.starts_with('.')) continue;
    if (!name.starts_with(same_file) &&
        is_in_store(fd_.get(), store_files::read_lines(archives.get(), name)))
      continue;
    ::unlinkat(archives.get(), name.c_str(), 0);
  }
  files::replace_file(archives.get(), key.str(), record, 0600);
}

}  // namespace minirun::image
