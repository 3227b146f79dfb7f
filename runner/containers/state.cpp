#include "runner/containers/state.h"

#include <nlohmann/json.hpp>

namespace minirun {

using Json = nlohmann::ordered_json;

std::string ContainerState::to_json() const {
  const Json json = {{"id", id},
                     {"name", name},
                     {"image", image},
                     {"command", command},
                     {"cgroups", cgroups},
                     {"volumes", volumes},
                     {"anonymous_volumes", anonymous_volumes},
                     {"keep", keep}};
  // A command line may hold any bytes; JSON holds UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<ContainerState> ContainerState::from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  ContainerState state;
  state.id = json.value("id", "");
  state.name = json.value("name", "");
  state.image = json.value("image", "");
  state.command = json.value("command", "");
  state.cgroups = json.value("cgroups", std::vector<std::string>{});
  state.volumes = json.value("volumes", std::vector<std::string>{});
  state.anonymous_volumes = json.value("anonymous_volumes", std::vector<std::string>{});
  state.keep = json.value("keep", false);
  return state;
}

}  // namespace minirun
