#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/commands_look.h"
#include "runner/commands/diff.h"
#include "runner/commands/layer_stack.h"
#include "runner/report/data.h"

namespace minirun {
namespace {

using page::counted;

/// What the history says of each layer, lowest first. Its lines that made a layer have to be as
/// many as the layers; else which belongs to which would be a guess.
std::vector<std::string> makers(const image::Config& config) {
  std::vector<std::string> made_by;
  for (const image::History& step : config.history) {
    if (!step.empty_layer) {
      made_by.push_back(step.created_by.empty() ? step.comment : step.created_by);
    }
  }
  if (made_by.size() == config.diff_ids.size()) return made_by;
  const std::string unknown = config.history.empty()
                                  ? "(the image has no history)"
                                  : cat("(the history tells of ", counted(made_by.size(), "layer"),
                                        ", so its lines can't be matched; see minirun history)");
  return std::vector<std::string>(config.diff_ids.size(), unknown);
}

std::string heading(const image::Store& store, const image::Image& image) {
  uint64_t size = 0;
  for (const image::Digest& layer : image.chain) size += store.layer_size(layer);
  const std::string name =
      image.names.empty() ? image.id.short_hex()
                          : cat(printable(image.names.front()), " (", image.id.short_hex(), ")");
  return page::wrapped("",
                       cat(name, ": ", counted(image.chain.size(), "layer"), ", ", human_size(size),
                           ". The topmost stands first: from above, the first that has a name "
                           "is the one that a container sees."));
}

constexpr const char* legend =
    "added, changed, hidden: names, directories too, against the layers below. Hidden are those "
    "with a whiteout (a device 0:0 of that name) and those in a directory that is opaque. diff id: "
    "sha256 of the layer's tar. chain id: of the layer and all below it, and the name of its "
    "directory in the store's overlay2. short: a link to that, so that mount options fit in a "
    "page.";

}  // namespace

int layers_command(const Options& options) {
  require_host();
  image::Store store(store_root(options));
  const LayerStack layers = open_layers(store, options);
  const image::Image& image = layers.image;
  if (!options.report.empty()) {
    write_layers_report(store, image, options.report);
    return 0;
  }
  const auto made_by = makers(image.config);
  print(heading(store, image));
  for (size_t i = image.chain.size(); i-- > 0;) {
    const auto below = layers.diffs.end() - static_cast<std::ptrdiff_t>(i);
    const ChangeCounts counts = count_changes(*(below - 1), {below, layers.diffs.end()});
    print(cat("\nlayer ", i + 1, ": ", human_size(store.layer_size(image.chain[i])), ", ",
              counted(counts.added, "name"), " added, ", counts.changed, " changed, ",
              counts.deleted, " hidden\n",  //
              "  diff id   ", image.config.diff_ids[i].str(), "\n", "  chain id  ",
              image.chain[i].str(), "\n", "  short     l/", image::short_name(image.chain[i]), "\n",
              page::wrapped("  made by   ", printable(made_by[i]))));
  }
  print("\n" + page::wrapped("", legend));
  return 0;
}

}  // namespace minirun
