// --break-after STEP: fails on purpose, to show (and to test) that everything is undone.
#pragma once

#include <string>
#include <utility>

#include "runner/run/run.h"

namespace minirun {

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

}  // namespace minirun
