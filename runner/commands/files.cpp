// ls and cat: files of an image, without a container.
//
// The table and the bytes go to stdout, what is to be said about them to stderr: which layers are
// merged, where a symlink led, what is hidden.
#include "runner/base/files.h"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "image/layer/dirs.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/files.h"
#include "runner/commands/layers.h"
#include "runner/commands/shared.h"

namespace minirun {
namespace {

std::string owner_of(const struct stat& status) { return cat(status.st_uid, ":", status.st_gid); }

std::string size_of(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) return "-";  // it says more of the store's file system than of it
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    return cat(major(status.st_rdev), ", ", minor(status.st_rdev));
  }
  return std::to_string(status.st_size);
}

std::string right_aligned(std::string text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + std::move(text);
}

}  // namespace

std::string mode_words(mode_t mode) {
  std::string words = std::string(1, type_letter(mode)) + "rwxrwxrwx";
  for (size_t i = 0; i < 9; ++i) {
    if ((mode & (0400U >> i)) == 0) words[i + 1] = '-';
  }
  struct Special {
    mode_t bit;
    size_t at;
    char with_x, without_x;
  };
  static constexpr std::array<Special, 3> specials = {
      {{S_ISUID, 3, 's', 'S'}, {S_ISGID, 6, 's', 'S'}, {S_ISVTX, 9, 't', 'T'}}};
  for (const auto& special : specials) {
    if ((mode & special.bit) == 0) continue;
    words[special.at] = words[special.at] == 'x' ? special.with_x : special.without_x;
  }
  return words;
}

std::string file_table(const std::vector<FileRow>& rows) {
  size_t owner_width = 5;
  size_t size_width = 4;
  size_t layer_width = 5;
  for (const FileRow& row : rows) {
    owner_width = std::max(owner_width, owner_of(row.status).size());
    size_width = std::max(size_width, size_of(row.status).size());
    layer_width = std::max(layer_width, page::width(row.layers));
  }
  std::string table = cat(padded("MODE", 10), padded("OWNER", owner_width),
                          padded(right_aligned("SIZE", size_width), size_width),
                          padded("LAYER", layer_width), "NAME\n");
  for (const FileRow& row : rows) {
    table +=
        cat(padded(mode_words(row.status.st_mode), 10), padded(owner_of(row.status), owner_width),
            padded(right_aligned(size_of(row.status), size_width), size_width), row.layers,
            std::string(layer_width + 2 - page::width(row.layers), ' '), printable(row.name),
            row.remark.empty() ? "" : "  (" + printable(row.remark) + ")", "\n");
  }
  return table;
}

namespace {

using image::Links;

constexpr size_t block_size = 256 << 10;

/// The argument PATH. A relative one begins at the root, where a container begins too.
std::string path_argument(const Options& options) {
  const std::string& path = options.arguments[1];
  return path.starts_with('/') ? path : "/" + path;
}

std::string arrow(const std::string& target) { return target.empty() ? "" : " -> " + target; }

/// Names of a directory of one layer, as they lie there: whiteouts among them.
std::vector<FileRow> rows_of_layer(const LayerStack& layers, const Place& directory) {
  const UniqueFd dir = files::open_at(directory.fd.get(), ".", O_RDONLY | O_DIRECTORY);
  const size_t number = layers.number(directory.layer);
  std::vector<FileRow> rows;
  for (const std::string& name : files::list_dir(dir.get(), ".")) {
    const auto status = files::stat_at(dir.get(), name);
    if (!status) continue;
    FileRow row{*status, std::to_string(number), name, ""};
    if (image::is_whiteout(*status)) {
      row.remark = cat("hidden: whiteout of layer ", number);
    } else if (S_ISLNK(status->st_mode)) {
      row.name += arrow(files::read_link(dir.get(), name).value_or(""));
    } else if (S_ISDIR(status->st_mode)) {
      const UniqueFd sub = files::open_at(dir.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (image::is_opaque(sub.get())) row.remark = "opaque: hides what layers below have in it";
    }
    rows.push_back(std::move(row));
  }
  if (image::is_opaque(dir.get())) {
    note(cat("/", directory.path, " of layer ", number,
             " is opaque: it hides what the layers below have in it"));
  }
  return rows;
}

std::vector<FileRow> rows_of_stack(const LayerStack& layers, const Place& directory) {
  const auto merged = layers.stack.read_dir("/" + directory.path);
  if (!merged) throw not_in_image(layers, "/" + directory.path);
  std::vector<FileRow> rows;
  for (const auto& name : merged->names) {
    rows.push_back(
        {name.status, layer_cell(layers, name.layers), name.name + arrow(name.target), ""});
  }
  if (merged->layers.size() > 1) {
    note(cat("/", directory.path, " is merged of ", layer_words(layers, merged->layers)));
  }
  if (merged->hidden > 0) {
    note(cat(page::counted(merged->hidden, "name"), " of lower layers ",
             merged->hidden == 1 ? "is" : "are",
             " whited out here; --layer N shows what a layer has, its whiteouts too"));
  }
  return rows;
}

/// Prints what lower layers have at a path, hidden by a layer above.
void note_hidden(const LayerStack& layers, const std::string& path) {
  for (const auto& sighting : image::sight(layers.stack, path).seen) {
    if (!sighting.hidden_by) continue;
    note(cat("/", path, " of layer ", layers.number(sighting.layer),
             " is hidden: ", cover_words(layers, *sighting.hidden_by, path)));
  }
}

FileRow row_of(const LayerStack& layers, const Place& place) {
  const bool is_link = S_ISLNK(place.status.st_mode);
  // readlinkat(2) with an empty name reads the link that the descriptor is.
  const std::string target =
      is_link ? files::read_link(place.fd.get(), "").value_or("") : std::string();
  return {place.status, std::to_string(layers.number(place.layer)),
          cat("/", place.path, arrow(target)), ""};
}

/// A path looked up in the whole stack, or in the layer that was asked for.
struct LookUp {
  const LayerStack& layers;
  std::optional<size_t> layer;

  std::optional<Place> find(const std::string& path, Links links) const {
    return layer ? find_in_layer(layers, *layer, path, links) : find_place(layers, path, links);
  }
  Error absent(const std::string& path) const {
    return layer ? not_in_layer(layers, *layer, path) : not_in_image(layers, path);
  }
};

void copy_to_stdout(int from, const std::string& name) {
  std::vector<char> block(block_size);
  for (;;) {
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got == -1 && errno == EINTR) continue;
    if (check(got, "read ", name) == 0) return;
    print({block.data(), static_cast<size_t>(got)});
  }
}

}  // namespace

int ls_command(const Options& options) {
  require_host();
  image::Store store(store_root(options));
  const LayerStack layers = open_layers(store, options);
  const LookUp look_up{layers, chosen_layer(layers, options)};
  const std::string path = path_argument(options);
  std::vector<FileRow> rows;
  auto place = look_up.find(path, Links::keep_last);
  if (!place) throw look_up.absent(path);
  if (S_ISLNK(place->status.st_mode)) {
    rows.push_back(row_of(layers, *place));
    auto end = look_up.find(path, Links::follow);
    if (!end) note(look_up.absent(path).what());
    place = std::move(end);
  }
  if (place && S_ISDIR(place->status.st_mode)) {
    if (!rows.empty()) note(cat(path, " leads to /", place->path));
    rows = look_up.layer ? rows_of_layer(layers, *place) : rows_of_stack(layers, *place);
  } else if (place) {
    rows.push_back(row_of(layers, *place));
  }
  print(file_table(rows));
  if (place && !look_up.layer) note_hidden(layers, place->path);
  return 0;
}

int cat_command(const Options& options) {
  require_host();
  image::Store store(store_root(options));
  const LayerStack layers = open_layers(store, options);
  const LookUp look_up{layers, chosen_layer(layers, options)};
  const std::string path = path_argument(options);
  const auto place = look_up.find(path, Links::follow);
  if (!place) throw look_up.absent(path);
  const std::string name = "/" + place->path;
  if (S_ISDIR(place->status.st_mode)) {
    throw Error(cat(name, " in the image is a directory"), "minirun ls shows what is in it");
  }
  if (!S_ISREG(place->status.st_mode)) {
    throw Error(cat(name, " in the image is not a regular file: it has no bytes to show"),
                "minirun ls shows what it is");
  }
  // The kind of file is known, so opening it again by its descriptor can neither block nor act on a
  // device.
  const UniqueFd file = files::open_at(AT_FDCWD, cat("/proc/self/fd/", place->fd.get()), O_RDONLY);
  copy_to_stdout(file.get(), name);
  // For a person, and after the bytes; what a script keeps of stderr stays empty.
  if (::isatty(STDERR_FILENO) == 1) note(cat(name, " of ", layer_words(layers, {place->layer})));
  return 0;
}

}  // namespace minirun
