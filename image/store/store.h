// The store: images on disk, in the layout of Docker's overlay2 driver.
//
//     /var/lib/minirun/                   0700
//       lock                              flock: shared to use layers, exclusive to remove some
//       overlay2/l/<26 chars>             -> ../<chain id>/diff: mount options have one page
//       overlay2/<chain id>/diff          the layer's files
//       overlay2/<chain id>/link          its short name
//       overlay2/<chain id>/lower         l/PARENT:l/GRANDPARENT:...  (absent in the lowest)
//       overlay2/<chain id>/boot-id       the boot it was written in; `durable` beside it
//                                         once it was flushed
//       overlay2/<chain id>/size          "bytes N", "entries N", "diff-id sha256:..."
//       overlay2/init/diff            empty mount points, below every image
//       images/<image id>/                config.json, manifest.json, tags,
//                                         layers (chain ids, lowest first)
//       archives/<key>                    a file's stat -> the images in it: the warm start
//       staging/<random>/                 locked by a running loader, else swept
//       containers/  kept/  names/  volumes/     see runner/containers
//
// A layer's name is the chain id of *verified* diff ids, so no image can claim another's layer
// (CVE-2014-8178). One rename puts it there: it is complete or absent. A layer that is neither
// durable nor of this boot may have files of length 0 after a power cut, so it counts as absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/document/config.h"
#include "image/document/digest.h"
#include "image/layer/layer.h"
#include "runner/base/stray.h"
#include "runner/base/unique_fd.h"

namespace minirun::image {

/// An image in the store.
struct Image {
  Digest id;  ///< of its config
  Config config;
  std::vector<Digest> chain;       ///< chain ids, lowest layer first
  std::vector<std::string> names;  ///< "name:tag"
  bool durable = true;             ///< false: its layers still have to be flushed
};

/// An image in an archive: what is needed to choose it, and to find it in the store again.
struct ArchiveImage {
  Digest id;
  Platform platform;
  std::vector<std::string> names;
};

/// Identifies a file's content without reading the file.
struct FileKey {
  uint64_t device, inode, size;
  int64_t mtime_ns, ctime_ns;
  std::string str() const;  ///< a file name: the numbers joined by "-"
  bool operator==(const FileKey&) const = default;
};

/// A layer on its way into the store.
struct StagedLayer {
  std::string dir;  ///< its directory's name in the staging area, with diff/ in it
  Digest diff_id;   ///< of its tar; verified
  LayerStats stats;
};

/// A locked directory in staging/.
struct StagingArea {
  UniqueFd fd;
  std::string path;  ///< in the store: "staging/3f..."

  int get() const { return fd.get(); }
};

class Store {
 public:
  /// Opens `root`, makes what is missing (0700), and takes the shared lock. Throws SysError with a
  /// hint (root needed).
  explicit Store(std::string root);
  /// Opens an existing store for reading; nullopt if there is none. Throws SysError.
  static std::optional<Store> open_if_exists(const std::string& root);

  const std::string& root() const { return root_; }
  int fd() const { return fd_.get(); }
  std::string overlay_dir() const { return root_ + "/overlay2"; }

  // Images
  std::optional<Image> find(
      std::string_view reference_or_id) const;  ///< UsageError if an id prefix is ambiguous
  std::optional<Image> find(
      const Digest& id) const;  ///< nullopt if a layer is missing or may be damaged
  std::vector<Image> images() const;
  /// The config as JSON that any parser reads: U+FFFF stands for each byte that is not text.
  std::string config_text(const Digest& id) const;
  std::string manifest_text(const Digest& id) const;
  /// By name: removes the name, and with its last name the image. By id: removes the image with all
  /// its names. Also removes the layers that no image uses any more. Throws Error if a container
  /// uses the image, UsageError if there is no such image.
  void remove(std::string_view reference_or_id);
  /// Gives these names to this image. Another image that had one of them loses it.
  void add_names(const Digest& id, const std::vector<std::string>& names) const;

  // The warm start
  std::optional<std::vector<ArchiveImage>> archive(const FileKey& key) const;
  void remember_archive(const FileKey& key, const std::vector<ArchiveImage>& images) const;

  // Loading
  bool has_layer(const Digest& chain) const;
  /// Remove it when done; gc does, if its owner dies.
  StagingArea stage();
  /// Moves a staged layer to the directory of its chain id. `parent` is empty for the lowest layer.
  /// If the layer exists already, the staged one stays where it is. Removes whiteouts that overlay
  /// would show before that. A layer whose root is opaque gets no `lower`, because overlay doesn't
  /// look whether a root is opaque (test case 45).
  void commit_layer(int staging, const StagedLayer& layer, const std::optional<Digest>& parent,
                    const Digest& chain) const;
  /// Returns false if the image is there already, and got these names only.
  bool commit_image(const Digest& id, std::string_view config, std::string_view manifest,
                    const std::vector<Digest>& chain, const std::vector<std::string>& names) const;
  /// Flushes the file system (syncfs(2)) and marks the layers durable. May take seconds.
  void make_durable(const std::vector<Digest>& chain) const;
  /// Removes what the dead have left: their staging areas, and layers that no image names. Fast if
  /// nobody died. Layers stay for the next sweep while another minirun uses the store.
  void sweep();
  /// The same, and layers that no image names even where nobody is seen to have died. Throws Error
  /// if another minirun uses the store for long.
  void sweep_all();
  /// What lies in the store and no image needs: a kill left it. Containers and volumes are not
  /// looked at (runner/containers/sweep.h).
  std::vector<Stray> strays() const;

  /// Directories for overlay below overlay_dir(), topmost first: {"l/ABC…", "l/DEF…",
  /// "init/diff"}.
  std::vector<std::string> lower(const Image& image) const;
  /// Size in bytes of a layer's content; it was counted when the layer was unpacked.
  uint64_t layer_size(const Digest& chain) const;

 private:
  Store(std::string root, UniqueFd fd, UniqueFd lock)
      : root_(std::move(root)), fd_(std::move(fd)), lock_(std::move(lock)) {}
  std::optional<Digest> id_of(std::string_view reference_or_id) const;
  void refuse_if_in_use(const Digest& id) const;
  void remove_unused_layers(int trash) const;

  std::string root_;
  UniqueFd fd_;
  UniqueFd lock_;
};

/// The 26 characters under overlay2/l. They are the chain id's first 130 bits in base 32, so they
/// can be computed and need no table.
std::string short_name(const Digest& chain);

}  // namespace minirun::image
