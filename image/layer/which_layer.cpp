#include "image/layer/which_layer.h"

#include <fcntl.h>

#include "image/layer/dirs.h"
#include "image/layer/whiteouts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

/// What one layer has at a path.
struct Word {
  std::optional<struct stat> status;        // of what it has there
  std::optional<std::string> whiteout;      // where it has one, at the path or above
  std::optional<std::string> no_directory;  // above the path: a file, where one is needed
  std::optional<std::string> opaque;        // the outermost directory that is opaque
};

Word ask(int root, const std::string& path) {
  Word word;
  if (is_opaque(root)) word.opaque = "";
  UniqueFd dir = files::open_at(root, ".", O_RDONLY | O_DIRECTORY);
  struct stat of_root {};
  check(::fstat(root, &of_root), "stat the root of a layer");
  if (path.empty()) word.status = of_root;
  for (size_t end = 0; !path.empty() && end != std::string::npos;) {
    const size_t start = end == 0 ? 0 : end + 1;
    end = path.find('/', start);
    const std::string name = path.substr(start, end == std::string::npos ? end : end - start);
    const std::string here = path.substr(0, end);
    const auto status = files::stat_at(dir.get(), name);
    if (!status) return word;
    if (is_whiteout(*status)) {
      word.whiteout = here;
      return word;
    }
    if (S_ISDIR(status->st_mode)) {
      dir = files::open_at(dir.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (!word.opaque && is_opaque(dir.get())) word.opaque = here;
    } else if (end != std::string::npos) {
      word.no_directory = here;
      return word;
    }
    if (end == std::string::npos) word.status = status;
  }
  return word;
}

std::optional<Cover> cover_of(const Word& word, size_t layer, const std::string& path) {
  using Kind = Cover::Kind;
  if (word.whiteout) return Cover{Kind::whiteout, layer, *word.whiteout};
  if (word.no_directory) return Cover{Kind::file, layer, *word.no_directory};
  if (word.status && !S_ISDIR(word.status->st_mode)) return Cover{Kind::file, layer, path};
  if (word.opaque) return Cover{Kind::opaque, layer, *word.opaque};
  return std::nullopt;
}

}  // namespace

Sightings sight(const Stack& stack, const std::string& path) {
  Sightings all;
  std::optional<size_t> shown_directory;
  for (size_t layer = 0; layer < stack.size(); ++layer) {
    const Word word = ask(stack.layer(layer), path);
    if (word.status) {
      auto hidden_by = all.cover;
      const bool is_directory = S_ISDIR(word.status->st_mode);
      if (!hidden_by && shown_directory && !is_directory) {
        hidden_by = Cover{Cover::Kind::directory, *shown_directory, path};
      }
      if (!hidden_by && is_directory && !shown_directory) shown_directory = layer;
      all.seen.push_back({layer, *word.status, hidden_by});
    }
    if (!all.cover) all.cover = cover_of(word, layer, path);
  }
  return all;
}

}  // namespace minirun::image
