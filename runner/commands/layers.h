// An image's layers as they lie in the store, and the words for what stands where in them.
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

/// The layers of the IMAGE that the first argument means. Throws as find_image does.
LayerStack open_layers(image::Store& store, const Options& options);

/// So that a stack of hundreds of layers, each with directories many deep, can be open at once.
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
/// In one layer alone. Symlinks on the way may be in others: then it is looked for where the whole
/// stack says that the path leads.
std::optional<Place> find_in_layer(const LayerStack& layers, size_t index, const std::string& path,
                                   image::Links links);

/// "/d/old is not in the image: layer 3 whites it out (layer 1 had it)".
Error not_in_image(const LayerStack& layers, const std::string& path);
Error not_in_layer(const LayerStack& layers, size_t index, const std::string& path);

/// What hides `path` (relative to the root): "layer 3 whites it out".
std::string cover_words(const LayerStack& layers, const image::Cover& cover,
                        const std::string& path);

/// "layer 3", "layers 9 to 4 and 1", of indices into the stack, topmost first.
std::string layer_words(const LayerStack& layers, const std::vector<size_t>& indices);

/// The same for a table: "3", "9-4,1"; "…" at the end of many.
std::string layer_cell(const LayerStack& layers, const std::vector<size_t>& indices);

}  // namespace minirun
