// --break-after STEP: fails on purpose, to show (and to test) that everything is undone.
#pragma once

#include <string>

#include "runner/run.h"

namespace minirun {

class Fault : public Listener {
 public:
  /// Throws UsageError if no step of the plan has that id; the message lists those there are.
  Fault(const Plan& plan, std::string step);
  void after(const Plan& plan, size_t index, std::chrono::microseconds took) override;

 private:
  std::string step_;
};

}  // namespace minirun
