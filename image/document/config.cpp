#include "image/document/config.h"

#include "image/document/json.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

/// The keys of a Go map[string]struct{}: {"/data": {}, "/tmp": {}}, sorted as nlohmann keeps them.
std::vector<std::string> keys(const JsonValue& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.members()) names.push_back(name);
  return names;
}

void read_environment(const JsonValue& array, Config& config) {
  for (const JsonValue& item : array.items()) {
    const std::string entry = item.string();
    if (entry.starts_with('=')) item.fail("has no name before its =");
    (entry.find('=') == std::string::npos ? config.dropped_env : config.env).push_back(entry);
  }
}

/// Entrypoint: one empty word is none, as builders write it to clear a base image's.
std::vector<std::string> entrypoint(const JsonValue& value) {
  std::vector<std::string> words = value.string_or_strings();
  if (words.size() == 1 && words.front().empty()) words.clear();
  return words;
}

std::vector<Digest> diff_ids(const JsonValue& rootfs) {
  const std::string type = rootfs["type"].string();
  if (!type.empty() && type != "layers") {
    rootfs["type"].fail(cat("is \"", printable(type), "\"; only \"layers\" is known"));
  }
  std::vector<Digest> ids;
  for (const JsonValue& item : rootfs["diff_ids"].items()) {
    ids.push_back(
        Digest::parse(item.string(), cat(item.document(), ": /rootfs/diff_ids/", ids.size())));
  }
  return ids;
}

std::vector<History> history(const JsonValue& array) {
  std::vector<History> lines;
  for (const JsonValue& item : array.items()) {
    lines.push_back({item["created"].string(), item["created_by"].string(),
                     item["comment"].string(), item["empty_layer"].boolean()});
  }
  return lines;
}

}  // namespace

Config parse_config(std::string_view text, const std::string& name) {
  const JsonDocument document(text, name);
  const JsonValue root = document.root();
  const JsonValue run = root["config"];
  Config config;
  config.platform = {root["os"].string(), root["architecture"].string(), root["variant"].string()};
  config.created = root["created"].string();
  read_environment(run["Env"], config);
  config.entrypoint = entrypoint(run["Entrypoint"]);
  config.cmd = run["Cmd"].string_or_strings();
  config.working_dir = run["WorkingDir"].string();
  config.user = run["User"].string();
  config.stop_signal = run["StopSignal"].string();
  config.volumes = keys(run["Volumes"]);
  config.exposed_ports = keys(run["ExposedPorts"]);
  config.diff_ids = diff_ids(root["rootfs"]);
  config.history = history(root["history"]);
  return config;
}

}  // namespace minirun::image
