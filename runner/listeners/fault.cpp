#include "runner/listeners/fault.h"

#include "runner/base/error.h"

namespace minirun {

Fault::Fault(const Plan& plan, std::string step) : step_(std::move(step)) {
  std::string ids;
  for (const Step& known : plan) {
    if (known.id == step_) return;
    ids += cat(ids.empty() ? "" : ", ", known.id);
  }
  throw UsageError(cat("--break-after ", step_, ": this run has no such step"),
                   cat("its steps are: ", ids));
}

void Fault::after(const Plan& plan, size_t index, std::chrono::microseconds /*took*/) {
  if (plan[index].id == step_) {
    throw Error(cat("stopped after step ", step_,
                    ", as --break-after asked; everything before it was undone"));
  }
}

}  // namespace minirun
