// The file `state` in a container's directory. It is read by `minirun containers`, by rm, and by
// the sweep after a killed runner.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace minirun {

struct ContainerState {
  std::string id;
  std::string name;
  std::string image;                           ///< "hello:latest", or the image's id
  std::string command;                         ///< quoted for a shell
  std::vector<std::string> cgroups;            ///< the sweep kills all processes in them
  std::vector<std::string> volumes;            ///< named volumes, which can't be removed meanwhile
  std::vector<std::string> anonymous_volumes;  ///< removed with the container
  bool keep = false;                           ///< not to be swept

  std::string to_json() const;
  /// nullopt if the text is no such state: the runner was killed before it wrote the file.
  static std::optional<ContainerState> from_json(const std::string& text);
};

}  // namespace minirun
