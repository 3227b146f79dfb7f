#include "runner/commands/commands.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/base/version.h"
#include "runner/commands/cli.h"
#include "runner/commands/commands_look.h"
#include "runner/commands/diff.h"
#include "runner/commands/layer_stack.h"
#include "runner/containers/sweep.h"
#include "runner/process/json.h"

namespace minirun {

namespace {

int load_command(const Options& options) {
  require_host();
  image::Store store(store_root(options));
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
  size_t layer =
      0;  // the history counts layers from below, as it was built; people read it from the top
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
                       "<not told>\n"));
  }
  print(rows);
  return 0;
}

int containers_command(const Options& options) {
  const image::Store store(store_root(options));
  print(cat(padded("ID", 12), padded("STATE", 7), padded("NAME", 10), padded("IMAGE", 20),
            "COMMAND\n"));
  for (const ContainerInfo& container : list_containers(store.root())) {
    const ContainerState& state = container.state;
    const char* life = container.running ? "running" : state.keep ? "kept" : "dead";
    print(cat(padded(state.id, 12), padded(life, 7), padded(state.name, 10),
              padded(printable(state.image), 20), printable(state.command), "\n"));
  }
  return 0;
}

int diff_command(const Options& options) {
  allow_many_files();
  const image::Store store(store_root(options));
  const std::string dir =
      cat(store.root(), "/containers/", find_container(store.root(), options.arguments[0]));
  std::vector<std::string> layers;
  const std::string lower = files::read_file(AT_FDCWD, dir + "/lower");
  for (const auto name : split(lower, ':')) {
    layers.push_back(cat(store.overlay_dir(), "/", name));
  }
  for (const Change& change : diff_upper(dir + "/diff", layers)) {
    print(cat(std::string(1, change.kind), " ", printable(change.path), "\n"));
  }
  return 0;
}

int volumes_command(const Options& options) {
  const image::Store store(store_root(options));
  for (const std::string& name : list_volumes(store.root())) print(name + "\n");
  return 0;
}

int gc_command(const Options& options) {
  const image::Store store(store_root(options));
  store.sweep();
  const auto left = sweep_containers(store.root());
  for (const std::string& line : left) note(line);
  return left.empty() ? 0 : 125;
}

int rmi_command(const Options& options) {
  image::Store store(store_root(options));
  for (const std::string& line : sweep_containers(store.root()))
    note(line);  // the dead use no image
  store.remove(options.arguments[0]);
  return 0;
}

int rm_command(const Options& options) {
  remove_container(image::Store(store_root(options)).root(), options.arguments[0]);
  return 0;
}

int volume_command(const Options& options) {
  if (options.arguments[0] != "rm") throw UsageError("usage: minirun volume rm NAME");
  remove_volume(image::Store(store_root(options)).root(), options.arguments[1]);
  return 0;
}

int help_command(const Options& /*options*/) {
  print(help_text());
  return 0;
}

int version_command(const Options& /*options*/) {
  print(cat("minirun ", version, "\n"));
  return 0;
}

struct Row {
  std::string_view name;
  int (*command)(const Options& options);
};
constexpr std::array<Row, 17> rows = {{{"load", load_command},
                                       {"images", images_command},
                                       {"rmi", rmi_command},
                                       {"inspect", inspect_command},
                                       {"history", history_command},
                                       {"layers", layers_command},
                                       {"ls", ls_command},
                                       {"cat", cat_command},
                                       {"explain", explain_command},
                                       {"containers", containers_command},
                                       {"diff", diff_command},
                                       {"rm", rm_command},
                                       {"volumes", volumes_command},
                                       {"volume", volume_command},
                                       {"gc", gc_command},
                                       {"version", version_command},
                                       {"help", help_command}}};

}  // namespace

int run_command(const Options& options) {
  for (const Row& row : rows) {
    if (options.command == row.name) return row.command(options);
  }
  throw UsageError(cat("no command ", options.command), "see minirun help");
}

}  // namespace minirun
