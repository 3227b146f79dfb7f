#include "image/load/contents.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "image/archive/no_image.h"
#include "image/document/legacy.h"
#include "image/document/reference.h"
#include "image/load/choose.h"
#include "image/store/files.h"
#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

// OVL_MAX_STACK in the kernel's fs/overlayfs/params.c, less one for the init layer.
constexpr size_t max_layers = 499;

constexpr const char* save_again = "the archive is damaged or was changed; save the image again";

[[noreturn]] void refuse_digest(const std::string& member, std::string_view what,
                                const Digest& expected, const Digest& found) {
  throw ImageError(
      cat(printable(member), ": ", what, ": expected ", expected.str(), ", found ", found.str()),
      save_again);
}

/// The archive's file or directory name as a repository's: "My Image.tar.gz" is "my-image".
std::string repository_of(const std::string& path) {
  std::string base = std::filesystem::path(path).lexically_normal().filename();
  if (base.empty()) base = name_of(parent_of(path + "x"));  // "dir/"
  if (base == "." || base == "..") base = std::filesystem::canonical(path).filename();
  bool has_ending = path != "-";
  while (has_ending) {
    has_ending = false;
    for (const std::string_view ending :
         {".tar", ".gz", ".tgz", ".bz2", ".xz", ".txz", ".zst", ".zstd"}) {
      if (base.size() <= ending.size() || !base.ends_with(ending)) continue;
      base.resize(base.size() - ending.size());
      has_ending = true;
    }
  }
  std::string repository;
  for (const char c : base) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    const bool is_first =
        repository.empty() || repository.find_last_of("-._") + 1 == repository.size();
    if (is_plain) {
      repository += lower;
    } else if (!is_first) {
      repository += lower == '.' || lower == '_' ? lower : '-';
    }
  }
  while (!repository.empty() && !std::isalnum(static_cast<unsigned char>(repository.back()))) {
    repository.pop_back();
  }
  return repository.empty() ? "image" : repository;
}

/// A bare tag (":v2") gets the archive's name.
void name_bare_tags(std::vector<std::string>& names, const std::string& path) {
  std::vector<std::string> whole;
  for (const std::string& name : names) {
    const auto known =
        name.starts_with(':') ? normalise(repository_of(path) + name) : std::optional(name);
    if (known) whole.push_back(*known);
  }
  names = std::move(whole);
}

/// Layers that an OCI manifest describes, and that are no files here.
void refuse_absent_content(const BlobRef& ref, const Archive& archive) {
  if (ref.media_type.ends_with("+encrypted")) {
    throw ImageError(cat(archive.name(), ": ", ref.member, " is an encrypted layer (",
                         printable(ref.media_type), "), and minirun has no keys"),
                     "skopeo copy --decryption-key KEY oci-archive:FILE oci:DIR decrypts it");
  }
  if (ref.url.empty()) return;
  const auto names = archive.names();
  const bool is_there = archive.is_directory()
                            ? archive.cost({ref.member}) != 0
                            : std::find(names.begin(), names.end(), ref.member) != names.end();
  if (is_there) return;
  throw ImageError(
      cat(archive.name(), ": ", ref.member,
          " is a foreign layer, which is not in the archive: it lies at ", printable(ref.url)),
      cat("download it there, and put it into an unpacked OCI layout as ", ref.member));
}

std::unique_ptr<Archive> open_told(const std::string& path, LayerPlace& place, Progress& progress,
                                   const LoadStory& story) {
  story.begins("open-archive");
  return open_archive(path, place, progress);
}

}  // namespace

// LESSON: open-archive, read-manifest
Survey::Survey(const std::string& path, LayerPlace& place, const LoadOptions& options,
               LoadStory& story)
    : options_(options),
      story_(story),
      progress_(options.progress),
      archive_(open_told(path, place, progress_, story_)) {
  story_.opened(*archive_);
  const auto names = archive_->names();
  const std::array documents = {"manifest.json", "index.json", "repositories"};
  const auto document = std::find_if(documents.begin(), documents.end(), [&](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
  if (document == documents.end()) refuse_no_image(*archive_);
  story_.begins("read-manifest");
  manifests_ = *document == std::string_view("repositories") ? read_old() : read_new();
  for (ManifestImage& manifest : manifests_) name_bare_tags(manifest.names, path);
  story_.read_manifest(*document, manifests_.size());
  for (const ManifestImage& manifest : manifests_) images_.push_back(identify(manifest));
}

std::vector<ManifestImage> Survey::read_new() const {
  return read_manifests([this](const BlobRef& ref) { return archive_->read(ref); },
                        [this](const std::string& line) {
                          if (options_.warn) options_.warn(line);
                        });
}

std::vector<ManifestImage> Survey::read_old() const {
  const auto read = [this](const BlobRef& ref) { return archive_->read(ref); };
  const auto diff_id_of = [this](const std::string& member) {
    return archive_->read_layer(member, false).found.diff_id;
  };
  return read_legacy(read, diff_id_of, read({"repositories", {}, {}}).value_or(""));
}

ArchiveImage Survey::identify(const ManifestImage& manifest) {
  // A platform that isn't wanted need not be whole: its config is left alone where the index tells
  // enough.
  if (manifest.config.digest && manifest.platform &&
      !matches(*manifest.platform, wanted_platform(options_))) {
    return {*manifest.config.digest, *manifest.platform, manifest.names};
  }
  const auto text = manifest.made_config ? manifest.made_config : archive_->read(manifest.config);
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

// LESSON: read-config
Survey::Checked Survey::check(size_t index) {
  story_.begins("read-config");
  const ManifestImage& manifest = manifests_[index];
  Checked image{images_[index].id, configs_.at(images_[index].id), {}, {}};
  image.config = parse_config(image.config_text, manifest.config.member);
  const Config& config = image.config;
  if (!matches(config.platform, wanted_platform(options_)))
    refuse_platform(archive_name(), config.platform.str(), options_);
  const size_t layers = manifest.layers.size();
  if (config.diff_ids.size() != layers) {
    throw ImageError(
        cat(printable(manifest.config.member), ": /rootfs/diff_ids: has ",
            page::counted(config.diff_ids.size(), "layer"), ", the manifest has ", layers),
        save_again);
  }
  if (layers > max_layers) {
    throw ImageError(cat("the image has ", layers, " layers; an overlay mount takes ", max_layers),
                     "flatten it: docker export of a container, docker import");
  }
  image.chain = store_files::chain_of(config.diff_ids);
  story_.read_config(manifest, image.id, config);
  return image;
}

void Survey::expect(const std::vector<size_t>& indexes) {
  std::vector<std::string> members;
  for (const size_t index : indexes) {
    for (const BlobRef& layer : manifests_[index].layers) members.push_back(layer.member);
  }
  if (const uint64_t cost = archive_->cost(members); cost != 0) progress_.expect(cost);
}

ReadLayer Survey::read_layer(const BlobRef& ref, const Digest& diff_id, bool unpack) {
  refuse_absent_content(ref, *archive_);
  ReadLayer layer = archive_->read_layer(ref.member, unpack);
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
  return layer;
}

void Survey::finish() {
  progress_.finish();
  if (options_.warn && !notes_.empty()) {
    std::string line = "left out of the image:";
    for (const std::string& note : notes_) line += cat(&note == &notes_.front() ? " " : "; ", note);
    options_.warn(line);
  }
}

}  // namespace minirun::image
