#include "tests/forge/image_builder.h"

#include <algorithm>
#include <set>

#include "image/document/digest.h"
#include "runner/base/error.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

constexpr std::string_view created = "\"2001-09-09T01:46:40Z\"";

std::string hex_of(std::string_view bytes) { return image::sha256(bytes).hex(); }

std::vector<std::string> all_quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> json;
  json.reserve(texts.size());
  for (const std::string& text : texts) json.push_back(json_string(text));
  return json;
}

std::string layer_type(const Layer& layer) {
  if (layer.media_type) return *layer.media_type;
  const std::string type = "application/vnd.oci.image.layer.v1.tar";
  if (layer.packing == Packing::gzip) return type + "+gzip";
  return layer.packing == Packing::zstd ? type + "+zstd" : type;
}

std::string diff_ids(const Image& image) {
  std::vector<std::string> ids;
  for (const Layer& layer : image.layers) {
    ids.push_back(json_string(layer.diff_id ? *layer.diff_id : digest_of(layer.tar)));
  }
  return array(ids);
}

std::string manifest_entry(const std::string& config, const std::vector<std::string>& names,
                           const std::vector<std::string>& layers) {
  return object({{"Config", json_string(config)},
                 {"RepoTags", names.empty() ? "null" : array(all_quoted(names))},
                 {"Layers", array(all_quoted(layers))}});
}

void add_new(Files& files, const Files& more) {
  std::set<std::string> known;
  for (const File& file : files) known.insert(file.name);
  for (const File& file : more) {
    if (known.insert(file.name).second) files.push_back(file);
  }
}

/// {"name":{"tag":"<layer id>"}}, which only programs older than docker 1.10 read.
std::string repositories(const std::vector<std::string>& names, const std::string& top) {
  Members members;
  for (const std::string& name : names) {
    const size_t colon = name.rfind(':');
    members.emplace_back(name.substr(0, colon),
                         object({{name.substr(colon + 1), json_string(top)}}));
  }
  return object(members);
}

}  // namespace

std::string digest_of(std::string_view bytes) { return image::sha256(bytes).str(); }

std::string config_text(const Image& image) {
  if (image.config) return *image.config;
  const std::string ids = image.diff_ids ? *image.diff_ids : diff_ids(image);
  const std::string history =
      object({{"created", std::string(created)}, {"created_by", json_string("forge")}});
  Members members = {{"architecture", json_string(image.architecture.empty() ? host_architecture()
                                                                             : image.architecture)},
                     {"config", object(image.run)},
                     {"created", std::string(created)},
                     {"history", array(std::vector<std::string>(image.layers.size(), history))},
                     {"os", json_string(image.os)},
                     {"rootfs", object({{"type", json_string("layers")}, {"diff_ids", ids}})}};
  if (image.variant) members.emplace_back("variant", json_string(*image.variant));
  return object(members);
}

std::string Descriptor::json() const {
  Members members = {
      {"mediaType", json_string(media_type)}, {"digest", json_string(digest)}, {"size", size}};
  members.insert(members.end(), more.begin(), more.end());
  return object(members);
}

Descriptor describe(std::string_view type, std::string_view bytes) {
  return {cat("application/vnd.oci.image.", type), digest_of(bytes), std::to_string(bytes.size())};
}

File blob(std::string_view bytes) {
  return {cat("blobs/sha256/", hex_of(bytes)), std::string(bytes)};
}

std::string OciImage::manifest() const {
  std::vector<std::string> layer_json;
  for (const Descriptor& layer : layers) layer_json.push_back(layer.json());
  Members members = {{"schemaVersion", "2"},
                     {"mediaType", json_string(cat("application/vnd.oci.image.", manifest_type))},
                     {"config", config.json()},
                     {"layers", array(layer_json)}};
  members.insert(members.end(), more.begin(), more.end());
  return object(members);
}

Descriptor OciImage::descriptor() const {
  Descriptor found = describe(manifest_type, manifest());
  if (!names.empty()) {
    const std::string& name =
        names[0];  // containerd has the whole name, the spec's own key only the tag
    found.more.emplace_back(
        "annotations",
        object({{"io.containerd.image.name", json_string("docker.io/library/" + name)},
                {"org.opencontainers.image.ref.name",
                 json_string(name.substr(name.rfind(':') + 1))}}));
  }
  return found;
}

OciImage oci_image(const Image& image) {
  const std::string config = config_text(image);
  OciImage made;
  made.config = describe(config_type, config);
  made.names = image.names;
  made.blobs.push_back(blob(config));
  for (const Layer& layer : image.layers) {
    const std::string packed = layer.packed();
    made.layers.push_back({layer_type(layer), digest_of(packed), std::to_string(packed.size())});
    add_new(made.blobs, {blob(packed)});
  }
  return made;
}

std::string index_text(const std::vector<Descriptor>& manifests) {
  std::vector<std::string> json;
  json.reserve(manifests.size());
  for (const Descriptor& manifest : manifests) json.push_back(manifest.json());
  return object({{"schemaVersion", "2"},
                 {"mediaType", json_string(cat("application/vnd.oci.image.", index_type))},
                 {"manifests", array(json)}});
}

Files oci_layout(const std::string& index, const Files& blobs) {
  Files files = {{"blobs/", "", '5', ""}, {"blobs/sha256/", "", '5', ""}};
  add_new(files, blobs);
  files.push_back({"index.json", index});
  files.push_back({"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"});
  return files;
}

Files oci(const std::vector<OciImage>& images) {
  Files blobs;
  std::vector<Descriptor> manifests;
  for (const OciImage& image : images) {
    blobs.insert(blobs.end(), image.blobs.begin(), image.blobs.end());
    blobs.push_back(blob(image.manifest()));
    manifests.push_back(image.descriptor());
  }
  return oci_layout(index_text(manifests), blobs);
}

Files docker25(const std::vector<Image>& images) {
  std::vector<OciImage> parts;
  std::vector<std::string> entries;
  for (const Image& image : images) {
    parts.push_back(oci_image(image));
    std::vector<std::string> layers;
    for (const Layer& layer : image.layers) layers.push_back(blob(layer.packed()).name);
    entries.push_back(manifest_entry(blob(config_text(image)).name, image.names, layers));
  }
  Files files = oci(parts);
  files.push_back({"manifest.json", array(entries)});
  return files;
}

Files legacy(const std::vector<Image>& images) {
  Files files;
  std::vector<std::string> entries;
  std::string names;
  for (const Image& image : images) {
    std::string id;
    std::vector<std::string> layers;
    for (const Layer& layer : image.layers) {
      const std::string packed = layer.packed();
      const std::string json = id.empty() ? "{}" : object({{"parent", json_string(id)}});
      id = hex_of(cat(id, " ", hex_of(packed)));
      layers.push_back(id + "/layer.tar");
      add_new(files, {{id + "/", "", '5', ""},
                      {id + "/VERSION", "1.0"},
                      {id + "/json", json},
                      {id + "/layer.tar", packed}});
    }
    const std::string config = config_text(image);
    add_new(files, {{hex_of(config) + ".json", config}});
    entries.push_back(manifest_entry(hex_of(config) + ".json", image.names, layers));
    if (names.empty() && !image.names.empty()) names = repositories(image.names, id);
  }
  files.push_back({"manifest.json", array(entries)});
  if (!names.empty()) files.push_back({"repositories", names});
  return files;
}

File& member(Files& files, std::string_view name) {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const File& file) { return file.name == name; });
  if (found == files.end()) throw Error(cat("forge: the image has no member ", name));
  return *found;
}

void change(Files& files, std::string_view name, std::string_view from, std::string_view to) {
  std::string& bytes = member(files, name).bytes;
  const size_t at = bytes.find(from);
  if (at == std::string::npos || bytes.find(from, at + 1) != std::string::npos) {
    throw Error(cat("forge: ", from, " does not stand once in ", name));
  }
  bytes.replace(at, from.size(), to);
}

Tar archive_of(const Files& files) {
  Tar tar;
  for (const File& file : files) {
    const uint32_t mode = file.type == '5' ? 0755 : 0644;
    tar.add({.name = file.name, .type = file.type, .link = file.link, .mode = mode}, file.bytes);
  }
  return tar;
}

}  // namespace minirun::forge
