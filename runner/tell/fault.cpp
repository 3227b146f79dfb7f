#include "runner/tell/fault.h"

#include "runner/base/error.h"
#include "runner/plan/skip.h"

namespace minirun {

void Fault::loaded(const image::LoadRecord& record) {
  if (record.id != step_) return;
  const bool is_stored = step_ == image::load_record_ids.back();
  throw Error(cat("stopped after ", step_, ", as --break-after asked; ",
                  is_stored ? "the image is in the store, whole" : "the store is as it was"));
}

void Fault::begin(const ContainerSpec& /*spec*/, const Plan& plan) {
  if (is_load_record(step_)) {
    throw UsageError(cat("--break-after ", step_, ": the image was in the store already"),
                     "an empty store loads it again: --root DIR");
  }
  require_step(plan, step_, "--break-after");
}

void Fault::after(const StepEvent& event) {
  if (event.step().id == step_) {
    throw Error(cat("stopped after step ", step_,
                    ", as --break-after asked; everything before it was undone"));
  }
}

}  // namespace minirun
