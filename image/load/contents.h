// Reads and checks an archive, and writes nothing itself: the part of a load that a dry run does
// too.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "image/archive/archive.h"
#include "image/load/load.h"
#include "image/load/told.h"

namespace minirun::image {

class Survey {
 public:
  /// Opens the archive and reads which images it has. Its layers go to `place`. All arguments but
  /// the path are borrowed. Throws ImageError, SysError.
  Survey(const std::string& path, LayerPlace& place, const LoadOptions& options, LoadStory& story);

  const std::string& archive_name() const { return archive_->name(); }
  const std::vector<ArchiveImage>& images() const { return images_; }
  const ManifestImage& manifest(size_t index) const { return manifests_[index]; }

  /// Reads an image's config, and checks that it fits manifest and platform. Throws ImageError.
  struct Checked {
    Digest id;
    std::string config_text;
    Config config;
    std::vector<Digest> chain;
  };
  Checked check(size_t index);

  /// Tells the progress how many bytes the layers of those images have.
  void expect(const std::vector<size_t>& indexes);
  /// Reads a layer and verifies the digests of its blob and of its plain tar.
  ReadLayer read_layer(const BlobRef& ref, const Digest& diff_id, bool unpack);
  /// Call after the last layer: tells what was dropped from the layers.
  void finish();

 private:
  std::vector<ManifestImage> read_new() const;
  std::vector<ManifestImage> read_old() const;
  ArchiveImage identify(const ManifestImage& manifest);

  const LoadOptions& options_;
  LoadStory& story_;
  Progress progress_;
  std::unique_ptr<Archive> archive_;
  std::vector<ManifestImage> manifests_;
  std::map<Digest, std::string> configs_;  // the texts that were read, by id
  std::vector<ArchiveImage> images_;
  std::vector<std::string> notes_;  // what was dropped from layers
};

}  // namespace minirun::image
