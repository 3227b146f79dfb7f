// An image's layers in the store, and sentences that say which layer has a path.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "image/layer/which_layer.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/commands/options.h"

namespace minirun {

/// Layer 1 is the lowest; in `stack` the topmost is 0.
struct LayerStack {
  image::Image image;
  std::vector<std::string> diffs;  ///< directories of the layers' files, topmost first
  image::Stack stack;

  size_t number(size_t index) const { return diffs.size() - index; }
};

/// The layers of the IMAGE in the first argument. Throws as find_image does.
LayerStack open_layers(image::Store& store, const Options& options);

/// Raises the limit of open files. A stack of hundreds of layers, each with deep directories, can
/// be open at once.
void allow_many_files();

/// The layer that --layer names, as an index into the stack; nullopt if none is asked for. Throws
/// UsageError.
std::optional<size_t> chosen_layer(const LayerStack& layers, const Options& options);

struct Place {
  size_t layer;      ///< index into the stack
  std::string path;  ///< after all symlinks, relative to the root
  UniqueFd fd;       ///< O_PATH | O_NOFOLLOW
  struct stat status {};
};
std::optional<Place> find_place(const LayerStack& layers, const std::string& path,
                                image::Links links);
/// Looks in one layer only. Symlinks in the path may be in other layers: the whole stack decides
/// where the path leads, and then this layer is searched for that place.
std::optional<Place> find_in_layer(const LayerStack& layers, size_t index, const std::string& path,
                                   image::Links links);

/// "/d/old is not in the image: layer 3 whites it out (layer 1 had it)".
Error not_in_image(const LayerStack& layers, const std::string& path);
Error not_in_layer(const LayerStack& layers, size_t index, const std::string& path);

/// What hides `path` (relative to the root): "layer 3 whites it out".
std::string cover_words(const LayerStack& layers, const image::Cover& cover,
                        const std::string& path);

/// "layer 3", "layers 9 to 4 and 1", for indices into the stack, topmost first.
std::string layer_words(const LayerStack& layers, const std::vector<size_t>& indices);

/// The same for a table: "3", "9-4,1". A long list is cut and ends with "…".
std::string layer_cell(const LayerStack& layers, const std::vector<size_t>& indices);

}  // namespace minirun
