// One load, in the order of load.h: what stands between the archive and the store.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "image/archive.h"
#include "image/load.h"
#include "image/load_story.h"
#include "image/staging.h"

namespace minirun::image {

class Loader {
 public:
  /// Opens the archive. All but the path is borrowed.
  Loader(Store& store, const std::string& path, const LoadOptions& options);

  const std::string& archive_name() const { return archive_->name(); }
  /// Every image that the archive has.
  std::vector<ArchiveImage> survey();
  /// Verifies and unpacks those, and when all of them are right puts them into the store.
  std::vector<Image> load(const std::vector<size_t>& chosen);

 private:
  /// An image whose layers were all verified.
  struct Verified {
    size_t index;
    Digest id;
    std::string config_text;
    std::vector<Digest> chain;
  };
  /// A layer in the staging area on its way to its chain id.
  struct Pending {
    Digest chain;
    std::optional<Digest> parent;
    StagedLayer layer;
  };

  ArchiveImage identify(const ManifestImage& manifest);
  Verified verify_config(size_t index);
  Config check_config(const ManifestImage& manifest, const std::string& text) const;
  void verify_layers(const Verified& image, const std::vector<Digest>& diff_ids);
  void verify_layer(const BlobRef& ref, const Digest& diff_id, const std::optional<Digest>& parent,
                    const Digest& chain);
  Image commit(const Verified& image);

  Store& store_;
  const LoadOptions& options_;
  LoadStory story_;
  Staging staging_;
  Progress progress_;
  std::unique_ptr<Archive> archive_;
  std::vector<ManifestImage> manifests_;
  std::map<Digest, std::string> configs_;  // texts, by id, as far as they were read
  std::vector<ArchiveImage> found_;
  std::vector<Pending> pending_;
  std::vector<std::string> notes_;  // what layers had that was dropped
};

}  // namespace minirun::image
