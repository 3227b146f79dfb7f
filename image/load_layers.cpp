#include "image/load_layers.h"

#include <algorithm>

#include "image/choose.h"
#include "image/store_files.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

// OVL_MAX_STACK in the kernel's fs/overlayfs/params.c, less one for the skeleton.
constexpr size_t max_layers = 499;

constexpr const char* save_again = "the archive is damaged or was changed; save the image again";

[[noreturn]] void refuse_digest(const std::string& member, std::string_view what,
                                const Digest& expected, const Digest& found) {
  throw ImageError(
      cat(printable(member), ": ", what, ": expected ", expected.str(), ", found ", found.str()),
      save_again);
}

}  // namespace

Loader::Loader(Store& store, const std::string& path, const LoadOptions& options)
    : store_(store),
      options_(options),
      story_(options, store, path),
      staging_(store, options.max_size),
      progress_(options.progress),
      archive_(open_archive(path, staging_, progress_)) {
  story_.opened(*archive_);
}

std::vector<ArchiveImage> Loader::survey() {
  const auto names = archive_->names();
  const bool has_document = std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name == "manifest.json" || name == "index.json" || name == "repositories";
  });
  if (!has_document) refuse_no_image(*archive_);
  manifests_ = read_manifests([this](const BlobRef& ref) { return archive_->read(ref); });
  const bool is_docker = std::find(names.begin(), names.end(), "manifest.json") != names.end();
  story_.read_manifest(is_docker, manifests_.size());
  for (const ManifestImage& manifest : manifests_) found_.push_back(identify(manifest));
  return found_;
}

ArchiveImage Loader::identify(const ManifestImage& manifest) {
  // A platform that isn't wanted need not be whole: its config is left alone where the index tells
  // enough.
  if (manifest.config.digest && manifest.platform &&
      !matches(*manifest.platform, wanted_platform(options_))) {
    return {*manifest.config.digest, *manifest.platform, manifest.names};
  }
  const auto text = archive_->read(manifest.config);
  if (!text) {
    throw ImageError(cat(archive_name(), ": the manifest names the config ",
                         printable(manifest.config.member), ", which is not in the archive"),
                     save_again);
  }
  const Digest id = sha256(*text);
  const Config config = parse_config(*text, manifest.config.member);
  configs_[id] = *text;
  return {id, config.platform, manifest.names};
}

Config Loader::check_config(const ManifestImage& manifest, const std::string& text) const {
  Config config = parse_config(text, manifest.config.member);
  if (!matches(config.platform, wanted_platform(options_)))
    refuse_platform(archive_name(), config.platform.str(), options_);
  const size_t layers = manifest.layers.size();
  if (config.diff_ids.size() != layers) {
    throw ImageError(cat(printable(manifest.config.member), ": /rootfs/diff_ids: has ",
                         plural(config.diff_ids.size(), "layer"), ", the manifest has ", layers),
                     save_again);
  }
  if (layers > max_layers) {
    throw ImageError(cat("the image has ", layers, " layers; an overlay mount takes ", max_layers),
                     "flatten it: docker export of a container, docker import");
  }
  return config;
}

std::vector<Image> Loader::load(const std::vector<size_t>& chosen) {
  std::vector<Verified> verified;
  std::vector<std::string> members;
  for (const size_t index : chosen) {
    for (const BlobRef& layer : manifests_[index].layers) members.push_back(layer.member);
  }
  if (const uint64_t cost = archive_->cost(members); cost != 0) progress_.expect(cost);
  for (const size_t index : chosen) {
    const ManifestImage& manifest = manifests_[index];
    const Digest id = found_[index].id;
    const std::string& text = configs_.at(id);
    const Config config = check_config(manifest, text);
    story_.read_config(manifest.config.member, id, config);
    verified.push_back({index, id, text, store_files::chain_of(config.diff_ids)});
    verify_layers(verified.back(), config.diff_ids);
  }
  progress_.finish();
  if (options_.warn && !notes_.empty()) {
    std::string line = "left out of the image:";
    for (const std::string& note : notes_) line += cat(&note == &notes_.front() ? " " : "; ", note);
    options_.warn(line);
  }
  for (const Pending& pending : pending_) {
    store_.commit_layer(staging_.fd(), pending.layer, pending.parent, pending.chain);
  }
  std::vector<Image> images;
  images.reserve(verified.size());
  for (const Verified& image : verified) images.push_back(commit(image));
  return images;
}

void Loader::verify_layers(const Verified& image, const std::vector<Digest>& diff_ids) {
  for (size_t i = 0; i < diff_ids.size(); ++i) {
    const std::optional<Digest> parent = i == 0 ? std::nullopt : std::optional(image.chain[i - 1]);
    verify_layer(manifests_[image.index].layers[i], diff_ids[i], parent, image.chain[i]);
  }
}

void Loader::verify_layer(const BlobRef& ref, const Digest& diff_id,
                          const std::optional<Digest>& parent, const Digest& chain) {
  const bool is_pending = std::any_of(pending_.begin(), pending_.end(),
                                      [&](const Pending& other) { return other.chain == chain; });
  const bool is_there = is_pending || store_.has_layer(chain);
  // Even one that is there is read: an image that only claims another's layer must not pass
  // (CVE-2014-8178).
  ReadLayer layer = archive_->read_layer(ref.member, !is_there);
  const UnpackedLayer& found = layer.found;
  if (ref.size && *ref.size != found.blob_size) {
    throw ImageError(cat(printable(ref.member), " has ", found.blob_size,
                         " bytes; its descriptor says ", *ref.size),
                     save_again);
  }
  if (ref.digest && *ref.digest != found.blob)
    refuse_digest(ref.member, "digest of the blob", *ref.digest, found.blob);
  if (diff_id != found.diff_id)
    refuse_digest(ref.member, "diff id of the layer", diff_id, found.diff_id);
  for (const std::string& note : found.stats.notes) {
    if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
  }
  story_.unpacked_layer(ref, diff_id, chain, layer, is_there);
  if (is_there) return;
  pending_.push_back({chain, parent, {std::move(layer.dir), diff_id, found.stats}});
}

Image Loader::commit(const Verified& image) {
  const ManifestImage& manifest = manifests_[image.index];
  store_.commit_image(image.id, image.config_text, manifest.text, image.chain, manifest.names);
  auto committed = store_.find(image.id);
  if (!committed) {
    throw Error(cat("image ", image.id.short_hex(), " was removed while it was loaded"),
                "load it again");
  }
  story_.committed(image.id, image.chain, manifest.names);
  return std::move(*committed);
}

}  // namespace minirun::image
