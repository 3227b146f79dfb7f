#include "runner/tell/stepper.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <optional>

#include "namespaces/enter.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/page.h"
#include "runner/run/interrupt.h"
#include "runner/tell/essay.h"

namespace minirun {
namespace {

constexpr const char* prompt =
    "[Enter] do it  [s] shell on the host  [n] shell inside  [e] essay  [c] the rest  [q] undo ";

/// The terminal gives each key as it is pressed, Ctrl-C among them, for as long as this lives.
/// However the wait ends, the terminal gets its old modes back.
class KeyMode {
 public:
  explicit KeyMode(int tty) : tty_(tty) {
    check(::tcgetattr(tty, &before_), "tcgetattr");
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    check(::tcsetattr(tty, TCSADRAIN, &keys), "tcsetattr");
  }
  KeyMode(const KeyMode&) = delete;
  KeyMode& operator=(const KeyMode&) = delete;
  ~KeyMode() { ::tcsetattr(tty_, TCSADRAIN, &before_); }

 private:
  int tty_;
  termios before_{};
};

/// One that would end us waits to be passed on to a program that doesn't run yet.
bool has_pending_end() {
  sigset_t pending;
  ::sigpending(&pending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    if (::sigismember(&pending, signal) == 1) return true;
  }
  return interrupted_by() != 0;
}

}  // namespace

Stepper::Stepper() : tty_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
  if (!tty_) {
    throw UsageError("--step asks at each step, and there is no terminal to ask at",
                     "--debug tells the steps without waiting");
  }
}

void Stepper::loaded(const image::LoadRecord& record) { wait(record.id, Live{}); }

void Stepper::begin(const ContainerSpec& spec, const Plan& /*plan*/) { cgroup_ = spec.cgroup2(); }

void Stepper::before(const StepEvent& event) { wait(event.step().id, event.live); }

void Stepper::wait(std::string_view step_id, const Live& live) {
  while (is_waiting_) {
    switch (ask()) {
      case Key::go_on:
        return;
      case Key::host_shell:
        say("a shell on the host; exit comes back here\n");
        say(ns::run_shell_on_host(tty_.get()));
        break;
      case Key::inside_shell:
        say("a shell inside, with all of root's powers; exit comes back here\n");
        say(ns::run_shell_inside(live, tty_.get(), cgroup_));
        break;
      case Key::essay: {
        const auto essay = find_essay(step_id);
        say(cat("\n", essay ? essay->text : "there is no essay on this"));
        break;
      }
      case Key::the_rest:
        is_waiting_ = false;
        break;
      case Key::quit:
        throw Error(cat("stopped at ", step_id, ", as you asked; what was done is undone"));
    }
  }
  if (has_pending_end()) throw Error(cat("interrupted at ", step_id, "; what was done is undone"));
}

Stepper::Key Stepper::ask() const {
  say(prompt);
  const KeyMode mode(tty_.get());
  for (;;) {
    if (has_pending_end()) return Key::quit;
    char key = 0;
    const ssize_t got = ::read(tty_.get(), &key, 1);
    if (got == -1 && errno == EINTR) continue;
    if (got != 1) return Key::quit;  // the terminal is gone
    constexpr char ctrl_c = 3, ctrl_d = 4, ctrl_backslash = 28;
    std::optional<Key> meant;
    if (key == '\n' || key == '\r' || key == ' ') meant = Key::go_on;
    if (key == 's') meant = Key::host_shell;
    if (key == 'n') meant = Key::inside_shell;
    if (key == 'e') meant = Key::essay;
    if (key == 'c') meant = Key::the_rest;
    if (key == 'q' || key == ctrl_c || key == ctrl_d || key == ctrl_backslash) meant = Key::quit;
    if (!meant) continue;
    say(page::wipe_line);
    return *meant;
  }
}

void Stepper::say(std::string_view text) const { files::write_all(tty_.get(), text, "/dev/tty"); }

}  // namespace minirun
