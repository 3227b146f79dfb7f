#include "runner/commands/layers.h"

#include <sys/resource.h>

#include "image/layer/changes.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/shared.h"
#include "runner/report/data.h"
#include "runner/run/interrupt.h"

namespace minirun {

using image::Cover;
using image::Links;

void allow_many_files() {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == -1) return;
  limit.rlim_cur = limit.rlim_max;
  // Where it can't be had, opening says what is missing.
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

LayerStack open_layers(image::Store& store, const Options& options) {
  allow_many_files();
  image::Image image = find_image(store, options);
  forget_interrupts();
  std::vector<std::string> diffs;
  for (size_t i = image.chain.size(); i-- > 0;) {
    diffs.push_back(cat(store.overlay_dir(), "/l/", image::short_name(image.chain[i])));
  }
  image::Stack stack(diffs);
  return {std::move(image), std::move(diffs), std::move(stack)};
}

std::optional<size_t> chosen_layer(const LayerStack& layers, const Options& options) {
  if (options.layer.empty()) return std::nullopt;
  const size_t count = layers.diffs.size();
  const auto number = parse_number(options.layer, count);
  if (number && *number > 0) return count - *number;
  throw UsageError(cat("--layer ", options.layer, ": the image has ",
                       count == 1 ? "layer 1 only" : cat("the layers 1 to ", count)),
                   "1 is the lowest; minirun layers lists them");
}

namespace {

std::optional<Place> place_of(std::optional<image::Stack::Found> found) {
  if (!found) return std::nullopt;
  Place place{found->layer, found->path, std::move(found->fd), {}};
  check(::fstat(place.fd.get(), &place.status), "stat ", place.path);
  return place;
}

}  // namespace

std::optional<Place> find_place(const LayerStack& layers, const std::string& path, Links links) {
  return place_of(layers.stack.find(path, links));
}

std::optional<Place> find_in_layer(const LayerStack& layers, size_t index, const std::string& path,
                                   Links links) {
  const image::Stack one({layers.diffs[index]});
  auto place = place_of(one.find(path, links));
  if (!place) place = place_of(one.find(layers.stack.resolve(path, links), Links::refuse));
  if (place) place->layer = index;
  return place;
}

namespace {

constexpr size_t cell_limit = 4;  // runs of numbers in a table's cell

/// The layers' numbers; three or more that follow one another as one word.
std::vector<std::string> runs_of(const LayerStack& layers, const std::vector<size_t>& indices,
                                 std::string_view to) {
  std::vector<std::string> words;
  for (size_t i = 0; i < indices.size();) {
    size_t end = i + 1;
    while (end < indices.size() && indices[end] == indices[i] + (end - i)) ++end;
    if (end - i < 3) end = i + 1;
    const std::string first = std::to_string(layers.number(indices[i]));
    words.push_back(end == i + 1 ? first : cat(first, to, layers.number(indices[end - 1])));
    i = end;
  }
  return words;
}

}  // namespace

std::string layer_words(const LayerStack& layers, const std::vector<size_t>& indices) {
  return cat(indices.size() == 1 ? "layer " : "layers ",
             page::enumerated(runs_of(layers, indices, " to ")));
}

std::string layer_cell(const LayerStack& layers, const std::vector<size_t>& indices) {
  std::string cell;
  const auto runs = runs_of(layers, indices, "-");
  for (size_t i = 0; i < runs.size() && i < cell_limit; ++i) cell += (i == 0 ? "" : ",") + runs[i];
  return runs.size() <= cell_limit ? cell : cell + ",…";
}

std::string cover_words(const LayerStack& layers, const Cover& cover, const std::string& path) {
  const std::string layer = cat("layer ", layers.number(cover.layer));
  switch (cover.kind) {
    case Cover::Kind::whiteout:
      return cat(layer, cover.path == path ? " whites it out" : " whites out /" + cover.path);
    case Cover::Kind::opaque:
      return cat("/", cover.path, " of ", layer, " is opaque");
    case Cover::Kind::file:
      return cover.path == path ? layer + " has one above it"
                                : cat("/", cover.path, " of ", layer, " is no directory");
    case Cover::Kind::directory:
      return layer + " has a directory there";
  }
  return {};
}

namespace {

std::vector<size_t> layers_with(const image::Sightings& sightings) {
  std::vector<size_t> indices;
  for (const auto& sighting : sightings.seen) indices.push_back(sighting.layer);
  return indices;
}

std::string why_absent(const LayerStack& layers, const image::Sightings& sightings,
                       const std::string& path) {
  if (!sightings.seen.empty() && !sightings.seen.front().hidden_by) {
    return S_ISLNK(sightings.seen.front().status.st_mode) ? "it is a symlink that leads in a circle"
                                                          : "it is there, but no directory";
  }
  const bool was_there = !sightings.seen.empty();
  if (!sightings.cover || (!was_there && sightings.cover->kind == Cover::Kind::opaque)) {
    return "no layer has it";
  }
  return cat(cover_words(layers, *sightings.cover, path), " (",
             was_there ? layer_words(layers, layers_with(sightings)) : "no layer", " had it)");
}

}  // namespace

Error not_in_image(const LayerStack& layers, const std::string& path) {
  const std::string resolved = layers.stack.resolve(path);
  const std::string leads =
      "/" + resolved == clean_absolute(path) ? "" : cat(" leads to /", resolved, ", which");
  const auto sightings = image::sight(layers.stack, resolved);
  const bool is_hidden = !sightings.seen.empty() && sightings.seen.front().hidden_by;
  return Error(cat(path, leads, " is not in the image: ", why_absent(layers, sightings, resolved)),
               is_hidden ? cat("--layer ", layers.number(sightings.seen.front().layer),
                               " shows what was hidden")
                         : "minirun ls IMAGE / shows what is there");
}

Error not_in_layer(const LayerStack& layers, size_t index, const std::string& path) {
  const std::string resolved = layers.stack.resolve(path, Links::keep_last);
  const auto own = image::sight(image::Stack({layers.diffs[index]}), resolved).cover;
  const bool is_whiteout = own && own->kind == Cover::Kind::whiteout;
  const auto there = layers_with(image::sight(layers.stack, resolved));
  return Error(cat("layer ", layers.number(index), " has no /", resolved,
                   is_whiteout ? cat(": it whites out /", own->path) : ""),
               there.empty() ? "no layer has it" : "it is in " + layer_words(layers, there));
}

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
                           ". The topmost is the first in this list. If several layers have a "
                           "name, a container sees the topmost one."));
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
    const image::ChangeCounts counts =
        image::count_changes(*(below - 1), {below, layers.diffs.end()});
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
