#include "runner/tell/make.h"

#include "runner/report/report.h"
#include "runner/tell/fault.h"
#include "runner/tell/narrator.h"
#include "runner/tell/stepper.h"
#include "runner/tell/trace.h"

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
