// --step: before each step, waits for a key on the terminal. The narrator is called first, so the
// step's text is on the screen already.
//
//     Enter  do it            s  a shell on the host          e  the step's essay
//     c      do all the rest  n  a shell inside                q  stop, and undo
#pragma once

#include <string>

#include "runner/base/unique_fd.h"
#include "runner/run/listener.h"

namespace minirun {

class Stepper : public Listener {
 public:
  /// Throws UsageError if there is no terminal for questions.
  Stepper();

  /// What loading does isn't known before, so here the wait comes after it.
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  /// Throws Error for the key q, and if a signal has come meanwhile.
  void before(const StepEvent& event) override;

 private:
  enum class Key { go_on, host_shell, inside_shell, essay, the_rest, quit };

  void wait(std::string_view step_id, const Live& live);
  Key ask() const;
  void say(std::string_view text) const;

  UniqueFd tty_;
  std::string cgroup_;
  bool is_waiting_ = true;
};

}  // namespace minirun
