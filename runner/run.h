// The loop that obeys a plan and decides nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "runner/step.h"

namespace minirun {

/// Somebody who is told about each step: a narrator, a trace, a saboteur. What it throws counts as
/// the step's failure.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void before(const Plan& /*plan*/, size_t /*index*/) {}
  virtual void after(const Plan& /*plan*/, size_t /*index*/, std::chrono::microseconds /*took*/) {}
  virtual void failed(const Plan& /*plan*/, size_t /*index*/, const std::string& /*what*/) {}

 protected:
  Listener() = default;
  Listener(const Listener&) = default;
  Listener& operator=(const Listener&) = default;
};

/// Performs the plan and returns the program's exit status as a shell would say it. Whatever
/// happens, what was done is undone, newest first. A step that fails is an Error whose text begins
/// with "step ID: ".
///
/// With a listener the steps are done one at a time; without one, consecutive steps of the child go
/// in one message. Signals stay blocked from here on: they are passed to the program once it runs.
int run(const Plan& plan, std::span<Listener* const> listeners);

}  // namespace minirun
