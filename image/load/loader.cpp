#include "image/load/loader.h"

#include <algorithm>
#include <utility>

#include "runner/base/error.h"

namespace minirun::image {

Loader::Loader(Store& store, const std::string& path, const LoadOptions& options)
    : store_(store),
      story_(options, store.root(), path),
      staging_(store, options.max_size),
      survey_(path, staging_, options, story_) {}

std::vector<Image> Loader::load(const std::vector<size_t>& chosen) {
  std::vector<Verified> verified;
  survey_.expect(chosen);
  for (const size_t index : chosen) {
    verified.push_back({index, survey_.check(index)});
    verify_layers(verified.back());
  }
  survey_.finish();
  story_.begins("commit");
  staging_.commit_begins();
  for (const Pending& pending : pending_) {
    store_.commit_layer(staging_.fd(), pending.layer, pending.parent, pending.chain);
  }
  std::vector<Image> images;
  images.reserve(verified.size());
  for (const Verified& image : verified) images.push_back(commit(image));
  staging_.commit_ends();
  return images;
}

void Loader::verify_layers(const Verified& image) {
  const std::vector<BlobRef>& layers = survey_.manifest(image.index).layers;
  const std::vector<Digest>& chain = image.checked.chain;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::optional<Digest> parent = i == 0 ? std::nullopt : std::optional(chain[i - 1]);
    verify_layer(layers[i], image.checked.config.diff_ids[i], parent, chain[i]);
  }
}

// LESSON: unpack-layer
void Loader::verify_layer(const BlobRef& ref, const Digest& diff_id,
                          const std::optional<Digest>& parent, const Digest& chain) {
  const bool is_pending = std::any_of(pending_.begin(), pending_.end(),
                                      [&](const Pending& other) { return other.chain == chain; });
  const bool is_there = is_pending || store_.has_layer(chain);
  story_.begins("unpack-layer");
  // Even one that is there is read: an image that only claims another's layer must not pass
  // (CVE-2014-8178).
  ReadLayer layer = survey_.read_layer(ref, diff_id, !is_there);
  story_.unpacked_layer(ref, diff_id, chain, layer, is_there);
  if (is_there) return;
  pending_.push_back({chain, parent, {std::move(layer.dir), diff_id, layer.found.stats}});
}

Image Loader::commit(const Verified& image) {
  const Digest& id = image.checked.id;
  const ManifestImage& manifest = survey_.manifest(image.index);
  const bool is_new = store_.commit_image(id, image.checked.config_text, manifest.text,
                                          image.checked.chain, manifest.names);
  auto committed = store_.find(id);
  if (!committed) {
    throw Error(cat("image ", id.short_hex(), " was removed while it was loaded"), "load it again");
  }
  std::vector<Digest> layers;  // all of them are told with the first image
  for (const Pending& pending : std::exchange(pending_, {})) layers.push_back(pending.chain);
  story_.committed(id, layers, is_new, manifest.names);
  return std::move(*committed);
}

}  // namespace minirun::image
