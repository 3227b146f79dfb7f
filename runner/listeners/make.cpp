#include "runner/listeners/make.h"

#include "runner/listeners/fault.h"
#include "runner/listeners/narrator.h"
#include "runner/listeners/report.h"
#include "runner/listeners/stepper.h"
#include "runner/listeners/trace.h"

namespace minirun {

Listeners make_listeners(const Options& options) {
  Listeners listeners;
  // Those that only write down come before those that may end the run, so that they hear of that
  // step too; the stepper asks when the narrator has told.
  if (!options.trace.empty()) listeners.push_back(std::make_unique<Trace>(options.trace));
  if (!options.report.empty()) listeners.push_back(std::make_unique<Report>(options.report));
  if (options.debug || options.step) listeners.push_back(std::make_unique<Narrator>());
  if (options.step) listeners.push_back(std::make_unique<Stepper>());
  if (!options.break_after.empty()) {
    listeners.push_back(std::make_unique<Fault>(options.break_after));
  }
  return listeners;
}

}  // namespace minirun
