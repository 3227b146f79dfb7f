#include "runner/listeners/make.h"

#include "runner/listeners/fault.h"
#include "runner/listeners/report.h"

namespace minirun {

Listeners make_listeners(const Options& options) {
  Listeners listeners;
  // Before the one that fails on purpose: it shall hear of that step too.
  if (!options.report.empty()) listeners.push_back(std::make_unique<Report>(options.report));
  if (!options.break_after.empty()) {
    listeners.push_back(std::make_unique<Fault>(options.break_after));
  }
  return listeners;
}

}  // namespace minirun
