// --debug: tells each thing that is done, on standard error, for people.
#pragma once

#include <chrono>
#include <string>

#include "runner/run/listener.h"
#include "runner/tell/prose.h"

namespace minirun {

// What can be said of a thing before it is done. `place` ends the heading: "child, pid 4711".
/// A step: why, the calls, the same in shell, where to read on.
std::string introduction(const Prose& prose, const Plan& plan, size_t index,
                         const std::string& place);
/// The same of a thing that loading does.
std::string introduction(const Prose& prose, const image::LoadRecord& record,
                         const std::string& place);
/// A plan as a whole: what it is for and how long.
std::string introduction(const Prose& prose, const ContainerSpec& spec, const Plan& plan);
/// What undoes a step; empty where nothing has to.
std::string undo_introduction(const Prose& prose, const Step& step, const std::string& place);

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
