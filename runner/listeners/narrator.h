// --debug: tells each thing that is done, on standard error, for people.
#pragma once

#include <chrono>
#include <string>

#include "runner/listeners/prose.h"
#include "runner/run.h"

namespace minirun {

/// What can be said of a step before it is done: a heading that ends with `place` ("child, pid
/// 4711"), why, the calls, the same in shell, where to read on.
std::string introduction(const Prose& prose, const Plan& plan, size_t index,
                         const std::string& place);

class Narrator : public Listener {
 public:
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void before(const StepEvent& event) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;

 private:
  Prose prose_ = Prose::for_terminal(2);
  std::chrono::microseconds steps_took_{};
};

}  // namespace minirun
