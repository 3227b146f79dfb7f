// --step: waits before each step for a key, on the terminal. It stands after the narrator, who has
// just told what comes.
//
//     Enter  do it            s  a shell on the host          e  the step's essay
//     c      do all the rest  n  a shell inside, as it stands  q  stop, and undo
#pragma once

#include <string>

#include "runner/base/unique_fd.h"
#include "runner/run/listener.h"

namespace minirun {

class Stepper : public Listener {
 public:
  /// Throws UsageError where there is no terminal to ask at.
  Stepper();

  /// A load can't be known beforehand, so here the wait comes after.
  void loaded(const image::LoadRecord& record) override;
  void begin(const ContainerSpec& spec, const Plan& plan) override;
  /// Throws Error for q, and where a signal has come meanwhile.
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
