#include "runner/commands/layer_stack.h"

#include <sys/resource.h>

#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
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

}  // namespace minirun
