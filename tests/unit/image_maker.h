// Saved images made by hand, right or wrong on purpose, in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "image/document/digest.h"
#include "tests/unit/bytes.h"

namespace minirun::test {

using forge::Tar;

inline std::string json_string(const std::string& text) { return "\"" + text + "\""; }

inline std::string array(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() == 1 ? "" : ",") + item;
  return text + "]";
}

/// A config for these layers (the bytes of their tars).
inline std::string config_of(const std::vector<std::string>& layers,
                             const std::string& architecture = "amd64") {
  std::vector<std::string> ids;
  for (const std::string& layer : layers) ids.push_back(json_string(image::sha256(layer).str()));
  return R"({"os":"linux","architecture":")" + architecture +
         R"(","config":{"Cmd":["/hello"]},"rootfs":{"type":"layers","diff_ids":)" + array(ids) +
         "}}";
}

/// What docker save 20 writes, in the order in which it does: the manifest last.
struct DockerImage {
  std::string name;  ///< empty: null
  std::vector<std::string> layers;
  std::string config;

  DockerImage(std::string called, std::vector<std::string> tars,
              const std::string& architecture = "amd64")
      : name(std::move(called)), layers(std::move(tars)), config(config_of(layers, architecture)) {}

  std::string config_member() const { return image::sha256(config).hex() + ".json"; }
  std::string layer_member(size_t i) const { return image::sha256(layers[i]).hex() + "/layer.tar"; }
  std::string element() const {
    std::vector<std::string> members;
    for (size_t i = 0; i < layers.size(); ++i) members.push_back(json_string(layer_member(i)));
    return R"({"Config":")" + config_member() + R"(","RepoTags":)" +
           (name.empty() ? "null" : array({json_string(name)})) + R"(,"Layers":)" + array(members) +
           "}";
  }
  void add_members(Tar& tar) const {
    tar.file(config_member(), config);
    for (size_t i = 0; i < layers.size(); ++i) tar.file(layer_member(i), layers[i]);
  }
};

inline std::string docker_archive(const std::vector<DockerImage>& images) {
  Tar tar;
  std::vector<std::string> elements;
  for (const DockerImage& image : images) {
    image.add_members(tar);
    elements.push_back(image.element());
  }
  return tar.file("manifest.json", array(elements)).bytes();
}

/// Blobs by digest, as an OCI layout has them.
class Blobs {
 public:
  /// Adds a blob; its descriptor, with `more` members (",\"platform\":…").
  std::string add(const std::string& type, const std::string& bytes, const std::string& more = "") {
    const auto digest = image::sha256(bytes);
    members["blobs/sha256/" + digest.hex()] = bytes;
    return R"({"mediaType":")" + type + R"(","digest":")" + digest.str() + R"(","size":)" +
           std::to_string(bytes.size()) + more + "}";
  }
  std::string add_manifest(const std::vector<std::string>& layers, const std::string& architecture,
                           const std::string& more = "") {
    std::vector<std::string> descriptors;
    for (const std::string& layer : layers)
      descriptors.push_back(add("application/vnd.oci.image.layer.v1.tar", layer));
    const std::string config =
        add("application/vnd.oci.image.config.v1+json", config_of(layers, architecture));
    return add(
        "application/vnd.oci.image.manifest.v1+json",
        R"({"schemaVersion":2,"config":)" + config + R"(,"layers":)" + array(descriptors) + "}",
        more);
  }
  void set_index(const std::vector<std::string>& descriptors) {
    members["index.json"] = R"({"schemaVersion":2,"manifests":)" + array(descriptors) + "}";
    members["oci-layout"] = R"({"imageLayoutVersion":"1.0.0"})";
  }
  std::string tar(const std::string& before = "") const {
    Tar made;
    for (const auto& [name, bytes] : members) made.file(before + name, bytes);
    return made.bytes();
  }

  std::map<std::string, std::string> members;
};

}  // namespace minirun::test
