#include "runner/listeners/fault.h"

#include "runner/base/error.h"
#include "runner/skip.h"

namespace minirun {

void Fault::begin(const ContainerSpec& /*spec*/, const Plan& plan) {
  require_step(plan, step_, "--break-after");
}

void Fault::after(const StepEvent& event) {
  if (event.step().id == step_) {
    throw Error(cat("stopped after step ", step_,
                    ", as --break-after asked; everything before it was undone"));
  }
}

}  // namespace minirun
