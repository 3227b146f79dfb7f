#include "image/document/legacy.h"

#include <algorithm>
#include <map>

#include "image/document/json.h"
#include "image/document/reference.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t max_ancestors = 500;

/// One layer's json, as far as the image needs it.
struct Link {
  std::string id;
  std::string json;  ///< the text
  std::string parent;
  nlohmann::json history;
};

std::string checked_id(const JsonValue& value) {
  std::string id = value.string();
  if (!Digest::from_hex(id)) value.fail(cat("is \"", printable(id), "\", which is no layer's id"));
  return id;
}

Link read_link(const ReadMember& read, const std::string& id) {
  const std::string member = id + "/json";
  const auto text = read({member, {}, {}});
  if (!text) {
    throw ImageError(cat("repositories: the image needs ", member, ", which is not in the archive"),
                     "the archive is not whole; save the image again");
  }
  const JsonDocument document(*text, member);
  const JsonValue root = document.root();
  std::string created_by;
  for (const std::string& word : root["container_config"]["Cmd"].string_or_strings()) {
    created_by += cat(created_by.empty() ? "" : " ", word);
  }
  nlohmann::json history = {{"created_by", created_by}};
  for (const char* key : {"created", "author", "comment"}) {
    if (const JsonValue value = root[key]) history[key] = value.string();
  }
  const std::string parent = root["parent"] ? checked_id(root["parent"]) : "";
  return {id, *text, parent, std::move(history)};
}

/// The layers from `top` down, lowest first.
std::vector<Link> read_chain(const ReadMember& read, const std::string& top) {
  std::vector<Link> chain;
  for (std::string id = top; !id.empty(); id = chain.back().parent) {
    if (chain.size() == max_ancestors) {
      throw ImageError(cat("repositories: ", printable(top), " has more than ", max_ancestors,
                           " layers, or is its own ancestor"));
    }
    chain.push_back(read_link(read, id));
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

std::string make_config(const std::vector<Link>& chain, const std::vector<Digest>& diff_ids) {
  const Link& top = chain.back();
  const JsonDocument document(top.json, top.id + "/json");
  const JsonValue root = document.root();
  nlohmann::json config;
  for (const char* key : {"architecture", "author", "config", "created", "docker_version", "os"}) {
    if (const JsonValue value = root[key]) config[key] = nlohmann::json::parse(value.text());
  }
  // Docker ran on nothing else when it left these out.
  config.emplace("architecture", "amd64");
  config.emplace("os", "linux");
  auto& layers = config["rootfs"] = {{"type", "layers"}, {"diff_ids", nlohmann::json::array()}};
  for (const Digest& diff_id : diff_ids) layers["diff_ids"].push_back(diff_id.str());
  for (const Link& link : chain) config["history"].push_back(link.history);
  return config.dump();
}

}  // namespace

std::vector<ManifestImage> read_legacy(const ReadMember& read, const DiffIdOf& diff_id_of,
                                       const std::string& repositories) {
  const JsonDocument document(repositories, "repositories");
  std::map<std::string, std::vector<std::string>> names;  // by the top layer's id
  for (const auto& [repository, tags] : document.root().members()) {
    for (const auto& [tag, value] : tags.members()) {
      const auto name = normalise(cat(repository, ":", tag));
      if (!name) value.fail("belongs to no NAME:TAG");
      names[checked_id(value)].push_back(*name);
    }
  }
  if (names.empty()) throw ImageError("repositories: there is no image in this archive");
  std::map<std::string, Digest> known;  // images share layers
  std::vector<ManifestImage> images;
  for (const auto& [top, called] : names) {
    const std::vector<Link> chain = read_chain(read, top);
    ManifestImage image{called, {}, {top + "/json", {}, {}}, {}, document.root().text()};
    std::vector<Digest> diff_ids;
    for (const Link& link : chain) {
      const std::string member = link.id + "/layer.tar";
      if (!known.contains(member)) known.emplace(member, diff_id_of(member));
      diff_ids.push_back(known.at(member));
      image.layers.push_back({member, {}, {}});
    }
    image.made_config = make_config(chain, diff_ids);
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace minirun::image
