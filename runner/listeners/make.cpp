#include "runner/listeners/make.h"

#include "runner/listeners/fault.h"
#include "runner/listeners/narrator.h"
#include "runner/listeners/stepper.h"
#include "runner/listeners/trace.h"

namespace minirun {

Listeners make_listeners(const Options& options) {
  Listeners listeners;
  if (!options.trace.empty()) listeners.push_back(std::make_unique<Trace>(options.trace));
  if (options.debug || options.step) listeners.push_back(std::make_unique<Narrator>());
  if (options.step) listeners.push_back(std::make_unique<Stepper>());
  if (!options.break_after.empty()) {
    listeners.push_back(std::make_unique<Fault>(options.break_after));
  }
  return listeners;
}

}  // namespace minirun
