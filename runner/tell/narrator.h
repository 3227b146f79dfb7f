// --debug=full and --step: prints all that is known of each step, for people, on standard error.
// (--debug alone is outline.h.)
#pragma once

#include <chrono>
#include <string>

#include "runner/base/page.h"
#include "runner/run/listener.h"
#include "runner/tell/step_text.h"

namespace minirun {

// Texts that are printed before a step is done. `place` ends the heading: "child, pid 4711".
/// A step: why, the calls, the same in shell, a source to read.
std::string introduction(const Prose& prose, const Plan& plan, size_t index,
                         const std::string& place);
/// The same for a part of loading.
std::string introduction(const Prose& prose, const image::LoadRecord& record,
                         const std::string& place);
/// A plan as a whole: the container, and the number of steps.
std::string introduction(const Prose& prose, const ContainerSpec& spec, const Plan& plan);
/// "namespaces: what the child changes now, it changes for itself".
std::string phase_heading(const Prose& prose, const Phase& phase);
/// How a step is undone; empty if it has no undo.
std::string undo_introduction(const Prose& prose, const Step& step, const std::string& place);

/// Follows the sum of all steps' times at the end.
inline constexpr std::string_view own_time = " for all steps, and in it the program's own time";
/// A step's failure in full: the errno's name, and the words of the error.
std::string failure(const Prose& prose, const std::exception& why);
/// The same for a step that was undone, or could not be undone.
std::string undone_in_full(const Prose& prose, const StepEvent& event, const std::string& problem);
/// Which process does the step, with its pid on the host: "child, pid 4711 (1 inside)".
std::string place_of(const StepEvent& event);

/// What both forms of --debug share: the screen, and the current phase.
class Telling : public Listener {
 public:
  Telling() = default;
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;
  ~Telling() override { page::wipe_brief(); }

 protected:
  void tell(const std::string& text);
  /// The heading of the step's phase, if the step before had another phase; else empty.
  std::string phase_of(const Step& step);

  const Prose prose = Prose::for_terminal(2);
  std::chrono::microseconds steps_took{};

 private:
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
