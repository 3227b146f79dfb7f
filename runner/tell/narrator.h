// --debug: tells each thing that is done, on standard error, for people.
//
//     namespaces: what the child changes now, it changes for itself
//      16 private            child  mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)        21 µs
//
// --debug=full, and --step, tell why, all calls, the same in shell, where to read on, the result.
#pragma once

#include <chrono>
#include <string>

#include "runner/run/listener.h"
#include "runner/tell/step_text.h"

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
/// "namespaces: what the child changes now, it changes for itself".
std::string phase_heading(const Prose& prose, const Phase& phase);
/// What undoes a step; empty where nothing has to.
std::string undo_introduction(const Prose& prose, const Step& step, const std::string& place);

class Narrator : public Listener {
 public:
  /// A line for each step, under a heading for each phase; or all that can be said (`is_full`).
  explicit Narrator(bool is_full) : is_full_(is_full) {}
  Narrator(const Narrator&) = delete;
  Narrator& operator=(const Narrator&) = delete;
  ~Narrator() override { wipe(); }

  void loading(std::string_view id) override;
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void before(const StepEvent& event) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;

 private:
  /// A line that stands until the next thing is told; on a terminal only.
  void say_for_now(const std::string& text);
  void wipe();
  void tell(const std::string& text);
  std::string phase_of(const Step& step);
  std::string step_line(const StepEvent& event, const std::string& time) const;
  std::string short_line(std::string_view mark, const std::string& id, std::string_view side,
                         const std::string& what, const std::string& time,
                         const std::string& result = {}) const;

  const bool is_full_;
  bool is_wiping_ = false;  ///< the last line stands for now
  Phase phase_;             ///< that was told of last
  std::string dir_;         ///< the container's directory; "…" in short lines
  Prose prose_ = Prose::for_terminal(2);
  std::chrono::microseconds steps_took_{};
};

}  // namespace minirun
