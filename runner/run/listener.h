// Who is told what happens in a run. No step knows of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

#include "image/load/load.h"
#include "runner/plan/spec.h"
#include "runner/plan/step.h"

namespace minirun {

/// One step at one moment, as a listener is told of it.
struct StepEvent {
  const Plan& plan;
  size_t index;
  const Live& live;                  ///< what is known by now: the child's pid, the exit status
  std::chrono::microseconds took{};  ///< by the clock of the process that performed it

  const Step& step() const { return plan[index]; }
};

/// Somebody who is told what happens: a narrator, a trace, a saboteur. What `begin`, `before` and
/// `after` throw counts as a failure of the run, and everything is undone. What the others throw is
/// said when all else is done: a listener can't get between a container and its clean-up.
class Listener {
 public:
  virtual ~Listener() = default;
  /// While the image is loaded: a thing begins (one of image::load_record_ids), and is done.
  virtual void loading(std::string_view /*id*/) {}
  virtual void loaded(const image::LoadRecord& /*record*/) {}
  /// The plan is made, and nothing of it is done.
  virtual void begin(const ContainerSpec& /*spec*/, const Plan& /*plan*/) {}
  virtual void before(const StepEvent& /*event*/) {}
  virtual void after(const StepEvent& /*event*/) {}
  virtual void failed(const StepEvent& /*event*/, const std::exception& /*why*/) {}
  /// Nothing more will be done, and nothing is undone yet: what there is can be looked at.
  virtual void stopped(const Live& /*live*/) {}
  /// A step that outlives the container was undone; `problem` is empty, or why it could not be.
  virtual void undone(const StepEvent& /*event*/, const std::string& /*problem*/) {}
  /// Called last, on every path. `exit_status` is the program's, -1 if none ran.
  virtual void end(int /*exit_status*/) {}

 protected:
  Listener() = default;
  Listener(const Listener&) = default;
  Listener& operator=(const Listener&) = default;
};

}  // namespace minirun
