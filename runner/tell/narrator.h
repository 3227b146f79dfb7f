// --debug=full, and --step: tells all that there is to say of each thing that is done, on standard
// error, for people. (--debug alone is outline.h.)
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

/// What the end says after the sum of all steps' times.
inline constexpr std::string_view own_time = " for all steps, and in it the program's own time";
/// How to say a step's outcome in full: the errno's name, and the words of the error.
std::string failure(const Prose& prose, const std::exception& why);
/// The same of something that was undone, or could not be.
std::string undone_in_full(const Prose& prose, const StepEvent& event, const std::string& problem);
/// Which process does it, as somebody on the host would find it: "child, pid 4711 (1 inside)".
std::string place_of(const StepEvent& event);

/// What both forms share: the screen they write to, and how far they are.
class Telling : public Listener {
 public:
  Telling() = default;
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;
  ~Telling() override { wipe(); }

 protected:
  void tell(const std::string& text);
  /// A line that goes when the next thing is told; on a terminal only.
  void tell_briefly(const std::string& text);
  /// The heading of the step's phase where it is another than before, else empty.
  std::string phase_of(const Step& step);

  const Prose prose = Prose::for_terminal(2);
  std::chrono::microseconds steps_took{};

 private:
  void wipe();

  bool has_brief_line_ = false;
  Phase phase_;
};

class Narrator : public Telling {
 public:
  void loading(std::string_view id) override;
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  void before(const StepEvent& event) override;
  void after(const StepEvent& event) override;
  void failed(const StepEvent& event, const std::exception& why) override;
  void undone(const StepEvent& event, const std::string& problem) override;
  void end(int exit_status) override;
};

}  // namespace minirun
