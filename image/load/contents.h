// What an archive holds, checked as far as can be without putting anything anywhere: the part of a
// load that a dry run does too.
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
  /// Opens the archive and reads which images it has; its layers go to `place`. All but the path is
  /// borrowed. Throws ImageError, SysError.
  Survey(const std::string& path, LayerPlace& place, const LoadOptions& options, LoadStory& story);

  const std::string& archive_name() const { return archive_->name(); }
  const std::vector<ArchiveImage>& images() const { return images_; }
  const ManifestImage& manifest(size_t index) const { return manifests_[index]; }

  /// What an image's config says, and that it fits manifest and platform. Throws ImageError.
  struct Checked {
    Digest id;
    std::string config_text;
    Config config;
    std::vector<Digest> chain;
  };
  Checked check(size_t index);

  /// Says how many bytes those images' layers are, for the progress.
  void expect(const std::vector<size_t>& indexes);
  /// Reads a layer and verifies the digests of its blob and of its plain tar.
  ReadLayer read_layer(const BlobRef& ref, const Digest& diff_id, bool unpack);
  /// After the last layer: tells what was dropped of them.
  void finish();

 private:
  ArchiveImage identify(const ManifestImage& manifest);

  const LoadOptions& options_;
  LoadStory& story_;
  Progress progress_;
  std::unique_ptr<Archive> archive_;
  std::vector<ManifestImage> manifests_;
  std::map<Digest, std::string> configs_;  // texts, by id, as far as they were read
  std::vector<ArchiveImage> images_;
  std::vector<std::string> notes_;  // what layers had that was dropped
};

}  // namespace minirun::image
