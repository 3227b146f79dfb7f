// Cases 1 and 2: names in the manifest that lead out of the image, or to what is no file.
#include <functional>

#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

constexpr std::string_view config_name = "config.json";
constexpr std::string_view layer_name = "layer.tar";

/// The legacy form with short names, for cases that are about names.
Files plain_names(const std::string& config = std::string(config_name),
                  const std::string& layer = std::string(layer_name)) {
  const Image image = hello_image();
  return {{std::string(config_name), config_text(image)},
          {std::string(layer_name), image.layers[0].tar},
          {"manifest.json", array({object({{"Config", json_string(config)},
                                           {"RepoTags", R"(["forged:latest"])"},
                                           {"Layers", array({json_string(layer)})}})})}};
}

/// The same with one member made something that is no regular file.
Files with_kind(std::string_view name, char type, const std::string& link = "") {
  Files files = plain_names();
  member(files, name) = {std::string(name), "", type, link};
  return files;
}

/// An OCI layout directory whose blob `name` is a symlink to the very bytes that it should have, on
/// the host.
Files symlinked_blob(const std::string& name, const std::string& link) {
  Files files = oci({oci_image(hello_image())});
  member(files, name) = {name, "", '2', link};
  return files;
}

std::string up_to(const std::string& path) { return "../../../../../../../../../../../.." + path; }

constexpr Case cases[] = {
    {"case-1-config-dotdot", "Config climbs to victim/config.json",
     [](const Options& o) { return archive(plain_names(up_to(o.victim) + "/config.json")); }},
    {"case-1-config-absolute", "Config is victim/config.json",
     [](const Options& o) { return archive(plain_names(o.victim + "/config.json")); }},
    {"case-1-layer-dotdot", "a layer climbs to victim/layer.tar",
     [](const Options& o) {
       return archive(plain_names(std::string(config_name), up_to(o.victim) + "/layer.tar"));
     }},
    {"case-1-layer-absolute", "a layer is victim/layer.tar",
     [](const Options& o) {
       return archive(plain_names(std::string(config_name), o.victim + "/layer.tar"));
     }},
    {"case-1-config-is-dir", "Config names a directory",
     [](const Options&) { return archive(with_kind(config_name, '5')); }},
    {"case-1-layer-is-dir", "a layer is a directory",
     [](const Options&) { return archive(with_kind(layer_name, '5')); }},
    {"case-1-config-is-fifo", "Config names a FIFO",
     [](const Options&) { return archive(with_kind(config_name, '6')); }},
    {"case-1-layer-is-fifo", "a layer is a FIFO",
     [](const Options&) { return archive(with_kind(layer_name, '6')); }},
    {"case-1-config-missing", "Config names no member",
     [](const Options&) { return archive(plain_names("nowhere.json")); }},
    {"case-1-layer-missing", "a layer names no member",
     [](const Options&) { return archive(plain_names(std::string(config_name), "nowhere.tar")); }},
    {"case-1-dir-config-dotdot", "in a directory: Config climbs to victim/config.json",
     [](const Options& o) -> Product { return plain_names(up_to(o.victim) + "/config.json"); }},
    {"case-1-dir-config-absolute", "in a directory: Config is victim/config.json",
     [](const Options& o) -> Product { return plain_names(o.victim + "/config.json"); }},
    {"case-1-dir-config-symlink", "in a directory: Config is a symlink to victim/config.json",
     [](const Options& o) -> Product {
       return with_kind(config_name, '2', o.victim + "/config.json");
     }},
    {"case-1-dir-layer-symlink", "in a directory: a layer is a symlink to victim/layer.tar",
     [](const Options& o) -> Product {
       return with_kind(layer_name, '2', o.victim + "/layer.tar");
     }},
    {"case-1-dir-layer-blob-symlink",
     "in an OCI layout: a layer's blob is a symlink to victim/layer.tar",
     [](const Options& o) -> Product {
       return symlinked_blob(blob(hello_layer()).name, o.victim + "/layer.tar");
     }},
    {"case-1-dir-config-blob-symlink",
     "in an OCI layout: the config's blob is a symlink to victim/config.json",
     [](const Options& o) -> Product {
       return symlinked_blob(blob(config_text(hello_image())).name, o.victim + "/config.json");
     }},
    {"case-1-dir-layer-fifo", "in a directory: a layer is a FIFO",
     [](const Options&) -> Product { return with_kind(layer_name, '6'); }},
    {"case-1-victim", "what case 1 aims at: a config.json and layer.tar that would be right",
     [](const Options&) -> Product { return plain_names(); }},
    {"case-2-loop", "layer.tar is a symlink to itself",
     [](const Options&) { return archive(with_kind(layer_name, '2', std::string(layer_name))); }},
    {"case-2-loop-of-two", "layer.tar and other.tar are symlinks to each other",
     [](const Options&) {
       Files files = with_kind(layer_name, '2', "other.tar");
       files.push_back({"other.tar", "", '2', std::string(layer_name)});
       return archive(files);
     }},
    {"case-2-outside", "layer.tar is a symlink that climbs to victim/layer.tar",
     [](const Options& o) {
       return archive(with_kind(layer_name, '2', up_to(o.victim) + "/layer.tar"));
     }},
    {"case-2-absolute", "layer.tar is a symlink to victim/layer.tar",
     [](const Options& o) { return archive(with_kind(layer_name, '2', o.victim + "/layer.tar")); }},
    {"case-2-dangling", "layer.tar is a symlink to no member",
     [](const Options&) { return archive(with_kind(layer_name, '2', "nowhere.tar")); }},
};

}  // namespace

std::span<const Case> form_cases() { return cases; }

}  // namespace minirun::forge
