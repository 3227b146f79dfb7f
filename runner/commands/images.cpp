// load, images, inspect, history, rmi: commands for images of the store.
#include <nlohmann/json.hpp>
#include <set>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/shared.h"
#include "runner/containers/sweep.h"

namespace minirun {

int load_command(const Options& options) {
  require_host();
  image::Store store(store_root(options));
  store.sweep();  // a dead loader's files may be what fills the disk
  image::LoadOptions load = load_options(options);
  load.all = options.image_name.empty();
  for (const image::Image& image : image::load(store, options.arguments[0], load)) {
    if (!image.durable) store.make_durable(image.chain);
    for (const std::string& name : image.names) print(cat("Loaded image: ", printable(name), "\n"));
    if (image.names.empty()) print(cat("Loaded image ID: ", image.id.str(), "\n"));
  }
  return 0;
}

int images_command(const Options& options) {
  const image::Store store(store_root(options));
  const auto images = store.images();
  size_t width = 10;
  for (const auto& image : images) {
    for (const auto& name : image.names) width = std::max(width, printable(name).size());
  }
  std::multiset<image::Digest>
      uses;  // a layer of two images is shared: removing one frees nothing of it
  for (const auto& image : images) {
    const std::set<image::Digest> once(image.chain.begin(), image.chain.end());
    uses.insert(once.begin(), once.end());
  }
  print(cat(padded("IMAGE", width), padded("ID", 12), padded("SIZE", 8), padded("OWN", 8),
            "PLATFORM\n"));
  for (const auto& image : images) {
    uint64_t size = 0;
    uint64_t own = 0;
    for (const auto& layer : std::set<image::Digest>(image.chain.begin(), image.chain.end())) {
      size += store.layer_size(layer);
      if (uses.count(layer) == 1) own += store.layer_size(layer);
    }
    const std::vector<std::string> unnamed = {"<none>"};
    for (const auto& name : image.names.empty() ? unnamed : image.names) {
      print(cat(padded(printable(name), width), padded(image.id.short_hex(), 12),
                padded(human_size(size), 8), padded(human_size(own), 8),
                image.config.platform.str(), "\n"));
    }
  }
  return 0;
}

int inspect_command(const Options& options) {
  using Json = nlohmann::ordered_json;
  image::Store store(store_root(options));
  const image::Image image = find_image(store, options);
  Json layers = Json::array();
  for (size_t i = 0; i < image.chain.size(); ++i) {
    layers.push_back({{"DiffId", image.config.diff_ids[i].str()},
                      {"ChainId", image.chain[i].str()},
                      {"ShortName", image::short_name(image.chain[i])},
                      {"Size", store.layer_size(image.chain[i])}});
  }
  const Json json = {{"Id", image.id.str()},
                     {"Names", image.names},
                     {"Platform", image.config.platform.str()},
                     {"Layers", layers},
                     {"Config", Json::parse(store.config_text(image.id))},
                     {"Manifest", Json::parse(store.manifest_text(image.id))}};
  print(json.dump(2) + "\n");
  return 0;
}

int history_command(const Options& options) {
  image::Store store(store_root(options));
  const image::Image image = find_image(store, options);
  print(cat(padded("CREATED", 19), padded("SIZE", 8), "CREATED BY\n"));
  std::string rows;
  // The history counts layers from below, as it was built; people read it from the top.
  size_t layer = 0;
  for (const image::History& step : image.config.history) {
    const bool has_layer = !step.empty_layer && layer < image.chain.size();
    const std::string size = has_layer ? human_size(store.layer_size(image.chain[layer++])) : "0 B";
    std::string row =
        cat(padded(printable(step.created.substr(0, 19)), 19), padded(size, 8),
            printable(step.created_by.empty() ? step.comment : step.created_by), "\n");
    rows.insert(0, row);
  }
  for (; layer < image.chain.size(); ++layer) {  // layers of which the history says nothing
    rows.insert(0, cat(padded("", 19), padded(human_size(store.layer_size(image.chain[layer])), 8),
                       "<unknown>\n"));
  }
  print(rows);
  return 0;
}

int rmi_command(const Options& options) {
  image::Store store(store_root(options));
  for (const std::string& line : sweep_containers(store.root()))
    note(line);  // the dead use no image
  store.remove(options.arguments[0]);
  return 0;
}

}  // namespace minirun
