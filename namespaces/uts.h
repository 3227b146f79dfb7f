// Sets the hostname of the container's own uts namespace: uts_namespaces(7).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

struct SetHostname {
  std::string name;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetHostname&) const = default;
};

}  // namespace minirun::ns
