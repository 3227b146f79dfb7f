#include "image/load/load.h"

#include <time.h>

#include <algorithm>
#include <map>

#include "image/archive/archive.h"
#include "image/layer/hidden_links.h"
#include "image/load/choose.h"
#include "image/load/loader.h"
#include "image/load/told.h"
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
/// times of its index.json, which names all else by digests. nullopt where that can't be had, as
/// in a directory where a manifest.json decides: it names files by any names.
std::optional<FileKey> key_of(const std::string& path) {
  struct stat status {};
  if (path == "-" || ::stat(path.c_str(), &status) == -1) return std::nullopt;
  const uint64_t device = status.st_dev;
  const uint64_t inode = status.st_ino;
  if (S_ISDIR(status.st_mode)) {
    if (::stat((path + "/manifest.json").c_str(), &status) == 0) return std::nullopt;
    if (::stat((path + "/index.json").c_str(), &status) == -1) return std::nullopt;
  }
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

/// An image of the store, and the names that an archive has for it.
struct Loaded {
  Image image;
  std::vector<std::string> names;
};

/// What the store has already of an archive that was seen before; nullopt if any of it is missing.
std::optional<std::vector<Loaded>> look_up(const Store& store, const std::string& path,
                                           const FileKey& key, const LoadOptions& options) {
  const auto found = store.archive(key);
  if (!found) return std::nullopt;
  std::vector<Loaded> images;
  for (const size_t i : choose(*found, options, printable(path))) {
    auto image = store.find((*found)[i].id);
    if (!image) return std::nullopt;
    images.push_back({std::move(*image), (*found)[i].names});
  }
  return images;
}

/// Another archive may have taken the names meanwhile.
void claim_names(const Store& store, Loaded& loaded) {
  const std::vector<std::string>& has = loaded.image.names;
  const bool has_all =
      std::all_of(loaded.names.begin(), loaded.names.end(), [&](const std::string& name) {
        return std::find(has.begin(), has.end(), name) != has.end();
      });
  if (has_all) return;
  store.add_names(loaded.image.id, loaded.names);
  loaded.image.names.insert(loaded.image.names.end(), loaded.names.begin(), loaded.names.end());
}

/// Said once, when an image is loaded: nobody else would understand why /bin/sh is gone.
void tell_hidden_links(const Store& store, const Image& image, const LoadOptions& options) {
  if (!options.warn) return;
  std::vector<std::string> diffs;
  for (auto layer = image.chain.rbegin(); layer != image.chain.rend(); ++layer) {
    diffs.push_back(cat(store.overlay_dir(), "/", layer->hex(), "/diff"));
  }
  const auto links = find_hidden_links(diffs);
  if (links.empty()) return;
  const size_t layer = diffs.size() - links.front().layer;
  options.warn(cat("layer ", layer, " of ", diffs.size(),
                   " hides files, in Docker as here: ", words_of(links.front()),
                   links.size() == 1 ? "" : cat("; and ", links.size() - 1, " more like it")));
}

}  // namespace

std::optional<std::vector<Image>> find_loaded(const Store& store, const std::string& path,
                                              const LoadOptions& options) {
  LoadStory story(options, store.root(), path);
  const auto key = key_of(path);
  const auto found = key ? look_up(store, path, *key, options) : std::nullopt;
  if (!found) return std::nullopt;
  story.known(found->size());
  std::vector<Image> images;
  for (const Loaded& loaded : *found) images.push_back(loaded.image);
  return images;
}

std::vector<Image> load(Store& store, const std::string& path, const LoadOptions& options) {
  LoadStory story(options, store.root(), path);
  const auto key = key_of(path);
  if (auto found = key ? look_up(store, path, *key, options) : std::nullopt) {
    story.known(found->size());
    std::vector<Image> images;
    for (Loaded& loaded : *found) {
      claim_names(store, loaded);
      images.push_back(std::move(loaded.image));
    }
    return images;
  }
  Loader loader(store, path, options);
  const Survey& survey = loader.survey();
  auto images = loader.load(choose(survey.images(), options, survey.archive_name()));
  for (const Image& image : images) tell_hidden_links(store, image, options);
  if (key && key_of(path) == key && is_settled(*key)) store.remember_archive(*key, survey.images());
  return images;
}

}  // namespace minirun::image
