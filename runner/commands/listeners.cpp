#include "runner/commands/listeners.h"

#include "runner/base/error.h"
#include "runner/plan/skip.h"
#include "runner/report/report.h"
#include "runner/tell/narrator.h"
#include "runner/tell/outline.h"
#include "runner/tell/stepper.h"
#include "runner/tell/trace.h"

namespace minirun {
namespace {

/// --break-after STEP: fails on purpose, to show (and to test) that everything is undone.
class Fault : public Listener {
 public:
  explicit Fault(std::string step) : step_(std::move(step)) {}
  void loaded(const image::LoadRecord& record) override;
  /// Throws UsageError if no step of the plan has that id; the message lists those there are.
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void after(const StepEvent& event) override;

 private:
  std::string step_;
};

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

}  // namespace

Listeners make_listeners(const Options& options) {
  Listeners listeners;
  // Those that only write down come before those that may end the run, so that they hear of that
  // step too; the stepper asks when the narrator has told.
  if (!options.trace.empty()) listeners.push_back(std::make_unique<Trace>(options.trace));
  if (!options.report.empty()) listeners.push_back(std::make_unique<Report>(options.report));
  if (options.step || options.debug_full) {
    listeners.push_back(std::make_unique<Narrator>());
  } else if (options.debug) {
    listeners.push_back(std::make_unique<Outline>());
  }
  if (options.step) listeners.push_back(std::make_unique<Stepper>());
  if (!options.break_after.empty()) {
    listeners.push_back(std::make_unique<Fault>(options.break_after));
  }
  return listeners;
}

}  // namespace minirun
