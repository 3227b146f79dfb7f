#include "image/load/preview.h"

#include <map>
#include <memory>
#include <set>

#include "image/load/choose.h"
#include "image/load/contents.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr uint64_t max_file = 1 << 20;

/// What is kept of a layer.
class KeptFiles : public LayerSink {
 public:
  /// nullopt where the name is something else than a file, which only the loaded image can follow.
  std::map<std::string, std::optional<std::string>> files;
  std::set<std::string> hidden;  ///< by a whiteout, or by another entry of that name
  std::set<std::string> opaque;  ///< directories
  std::optional<TarEntry> root;

  void write(const TarEntry& entry, TarReader& tar) override {
    ++stats_.entries;
    stats_.bytes += entry.size;
    const std::string path = clean_absolute(entry.path);
    const std::string name = name_of(path);
    if (name == ".wh..wh..opq") {
      opaque.insert(parent_of(path));
    } else if (name.starts_with(".wh.")) {
      hidden.insert(clean_absolute(cat(parent_of(path), "/", name.substr(4))));
    } else if (path == "/") {
      root = entry;
    } else if (path == "/etc/passwd" || path == "/etc/group") {
      hidden.insert(path);
      files[path] = content_of(entry, tar);
    } else if (path == "/etc" && entry.type != EntryType::directory) {
      hidden.insert(path);
    }
  }
  LayerStats finish() override { return stats_; }

 private:
  static std::optional<std::string> content_of(const TarEntry& entry, TarReader& tar) {
    if (entry.type != EntryType::file || entry.size > max_file) return std::nullopt;
    std::string text(entry.size, '\0');
    while (const auto piece = tar.data()) {
      const auto* bytes = reinterpret_cast<const char*>(piece->bytes.data());
      text.replace(piece->offset, piece->bytes.size(), bytes, piece->bytes.size());
    }
    return text;
  }

  LayerStats stats_;
};

class NoPlace : public LayerPlace {
 public:
  ReadLayer unpack(ByteStream& bytes, const std::string& name) override {
    auto kept = std::make_unique<KeptFiles>();
    ReadLayer layer{unpack_layer(bytes, kept.get(), name), std::to_string(layers_.size())};
    layers_.push_back(std::move(kept));
    return layer;
  }
  std::string copy(const std::string& dir) override { return dir; }
  const KeptFiles& layer(const std::string& dir) const { return *layers_.at(std::stoul(dir)); }

 private:
  std::vector<std::unique_ptr<KeptFiles>> layers_;
};

/// Puts a layer on top of those below it, by overlay's rules.
void put_on_top(View& view, std::map<std::string, std::optional<std::string>>& files,
                const KeptFiles& layer) {
  const bool hides_etc =
      layer.opaque.contains("/") || layer.opaque.contains("/etc") || layer.hidden.contains("/etc");
  if (hides_etc) files.clear();
  for (const std::string& path : layer.hidden) files.erase(path);
  for (const auto& [path, content] : layer.files) files[path] = content;
  if (!layer.root) return;
  view.root_mode = layer.root->mode;
  view.root_uid = layer.root->uid;
  view.root_gid = layer.root->gid;
}

}  // namespace

Preview preview(const std::string& path, const std::string& store_root,
                const LoadOptions& options) {
  LoadStory story(options, store_root, path);
  NoPlace place;
  Survey survey(path, place, options, story);
  const size_t index = choose(survey.images(), options, survey.archive_name()).front();
  survey.expect({index});
  const Survey::Checked checked = survey.check(index);
  const ManifestImage& manifest = survey.manifest(index);

  Preview seen;
  seen.view.store = store_root;
  seen.view.lower = {"init/diff"};
  std::map<std::string, std::optional<std::string>> files;
  for (size_t i = 0; i < manifest.layers.size(); ++i) {
    const Digest& diff_id = checked.config.diff_ids[i];
    const ReadLayer layer = survey.read_layer(manifest.layers[i], diff_id, true);
    story.unpacked_layer(manifest.layers[i], diff_id, checked.chain[i], layer, false);
    const KeptFiles& kept = place.layer(layer.dir);
    put_on_top(seen.view, files, kept);
    if (kept.opaque.contains("/")) seen.view.lower = {"init/diff"};
    seen.view.lower.insert(seen.view.lower.begin(), "l/" + short_name(checked.chain[i]));
  }
  survey.finish();
  story.committed(checked.id, checked.chain, true, manifest.names);
  seen.image = {checked.id, checked.config, checked.chain, manifest.names, false};
  seen.view.read = [files](const std::string& name) -> std::optional<std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return std::nullopt;
    if (!found->second) {
      throw Error(cat(name,
                      " of the image is no plain file, and can be read only when the image is "
                      "loaded"),
                  "sudo minirun load loads it and runs nothing");
    }
    return found->second;
  };
  return seen;
}

}  // namespace minirun::image
