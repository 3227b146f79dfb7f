// The words for each part of a load, in the form of a run's steps.
#pragma once

#include <chrono>
#include <string>

#include "image/archive/archive.h"
#include "image/load/load.h"

namespace minirun::image {

class LoadStory {
 public:
  /// `store` is its root directory. The options are borrowed.
  LoadStory(const LoadOptions& options, std::string store, const std::string& path);

  /// Call when a part begins. It is told when it is done.
  void begins(std::string_view id) const {
    if (options_.begins) options_.begins(id);
  }
  /// The archive was loaded before, and is not read.
  void known(size_t images);
  void opened(const Archive& archive);
  /// `document` is the member that names the images.
  void read_manifest(const std::string& document, size_t images);
  /// From here on the number of records is known: one for each layer, and the commit.
  void read_config(const ManifestImage& manifest, const Digest& id, const Config& config);
  void unpacked_layer(const BlobRef& ref, const Digest& diff_id, const Digest& chain,
                      const ReadLayer& layer, bool was_there);
  /// `layers` are the chain ids of the layers that are new in the store. If `is_new` is false, the
  /// image was there already, and only got a name.
  void committed(const Digest& id, const std::vector<Digest>& layers, bool is_new,
                 const std::vector<std::string>& names);

 private:
  void tell(LoadRecord record);
  /// A command that prints a member: "tar -xOf ARCHIVE MEMBER".
  std::string extract(const std::string& member) const;
  /// How a shell names something in the store.
  std::string in_store(std::string_view path) const;

  const LoadOptions& options_;
  std::string store_;
  std::string path_;
  const Archive* archive_ = nullptr;  // once it is open
  size_t number_ = 0;
  size_t total_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace minirun::image
