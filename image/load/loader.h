// One load, in the order of load.h: moves images from an archive to the store.
#pragma once

#include <string>
#include <vector>

#include "image/load/contents.h"
#include "image/load/load.h"
#include "image/load/staging.h"
#include "image/load/told.h"

namespace minirun::image {

class Loader {
 public:
  /// Opens the archive and lists its images. All arguments but the path are borrowed.
  Loader(Store& store, const std::string& path, const LoadOptions& options);

  const Survey& survey() const { return survey_; }
  /// Verifies and unpacks the chosen images. When all are right, puts them into the store.
  std::vector<Image> load(const std::vector<size_t>& chosen);

 private:
  /// An image whose layers were all verified.
  struct Verified {
    size_t index = 0;
    Survey::Checked checked;
  };
  /// A layer in the staging area that will be committed under its chain id.
  struct Pending {
    Digest chain;
    std::optional<Digest> parent;
    StagedLayer layer;
  };

  void verify_layers(const Verified& image);
  void verify_layer(const BlobRef& ref, const Digest& diff_id, const std::optional<Digest>& parent,
                    const Digest& chain);
  Image commit(const Verified& image);

  Store& store_;
  LoadStory story_;
  Staging staging_;
  Survey survey_;
  std::vector<Pending> pending_;
};

}  // namespace minirun::image
