#include "image/load.h"

#include <time.h>

#include <algorithm>
#include <map>

#include "image/archive.h"
#include "image/choose.h"
#include "image/load_layers.h"
#include "image/load_story.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr int64_t racy_ns = 20'000'000;

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// What identifies the archive without reading it: of a directory, the directory itself and the
/// times of its index.json, which names all else by digests. Nothing where that can't be had.
std::optional<FileKey> key_of(const std::string& path) {
  struct stat status {};
  if (path == "-" || ::stat(path.c_str(), &status) == -1) return std::nullopt;
  const uint64_t device = status.st_dev;
  const uint64_t inode = status.st_ino;
  if (S_ISDIR(status.st_mode) && ::stat((path + "/index.json").c_str(), &status) == -1)
    return std::nullopt;
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return FileKey{device, inode, static_cast<uint64_t>(status.st_size), nanoseconds(status.st_mtim),
                 nanoseconds(status.st_ctim)};
}

/// A file that was changed just now may be changed again within the same tick of its clock, and
/// look the same ("racily clean", git's index-format.txt). Such a one is not remembered.
bool is_settled(const FileKey& key) {
  timespec now{};
  check(::clock_gettime(CLOCK_REALTIME, &now), "clock_gettime");
  return nanoseconds(now) - key.ctime_ns > racy_ns;
}

/// What the store has already of an archive that was seen before; nothing if any of it is missing.
std::optional<std::vector<Image>> find_loaded(Store& store, const std::string& path,
                                              const FileKey& key, const LoadOptions& options) {
  const auto found = store.archive(key);
  if (!found) return std::nullopt;
  std::vector<Image> images;
  for (const size_t i : choose(*found, options, printable(path))) {
    auto image = store.find((*found)[i].id);
    if (!image) return std::nullopt;
    const auto& names = (*found)[i].names;
    const bool has_names = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return std::find(image->names.begin(), image->names.end(), name) != image->names.end();
    });
    if (!has_names) {
      store.add_names(image->id, names);  // another archive took them
      image = store.find(image->id);
      if (!image) return std::nullopt;
    }
    images.push_back(std::move(*image));
  }
  return images;
}

}  // namespace

std::vector<Image> load(Store& store, const std::string& path, const LoadOptions& options) {
  const auto key = key_of(path);
  if (key) {
    LoadStory story(options, store, path);
    if (auto images = find_loaded(store, path, *key, options)) {
      story.known(images->size());
      return std::move(*images);
    }
  }
  Loader loader(store, path, options);
  const auto found = loader.survey();
  auto images = loader.load(choose(found, options, loader.archive_name()));
  if (key && key_of(path) == key && is_settled(*key)) store.remember_archive(*key, found);
  return images;
}

}  // namespace minirun::image
