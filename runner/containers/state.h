// What a container's directory says of it, for `minirun containers`, for rm, and for the sweep
// after a killed runner.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace minirun {

struct ContainerState {
  std::string id;
  std::string name;
  std::string image;                 ///< "hello:latest", or the image's id
  std::string command;               ///< as a shell would read it
  std::vector<std::string> cgroups;  ///< to kill what is left in them
  std::vector<std::string> volumes;  ///< the named ones it mounts: not to be removed meanwhile
  std::vector<std::string> anonymous_volumes;  ///< removed with the container
  bool keep = false;                           ///< not to be swept

  std::string to_json() const;
  /// nullopt where the text is no state of ours: a runner killed before it was written.
  static std::optional<ContainerState> from_json(const std::string& text);
};

}  // namespace minirun
