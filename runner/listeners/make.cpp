#include "runner/listeners/make.h"

#include "runner/listeners/fault.h"
#include "runner/listeners/trace.h"

namespace minirun {

Listeners make_listeners(const Options& options) {
  Listeners listeners;
  if (!options.trace.empty()) listeners.push_back(std::make_unique<Trace>(options.trace));
  if (!options.break_after.empty()) {
    listeners.push_back(std::make_unique<Fault>(options.break_after));
  }
  return listeners;
}

}  // namespace minirun
