#include "runner/tell/narrator.h"

#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/tell/words.h"

namespace minirun {
namespace {

/// A closed or full standard error stops nobody: whom would it be told?
void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written == -1 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

std::string after_time(const std::string& result, std::chrono::microseconds took) {
  return cat(result, ", after ", took.count(), " µs");
}

/// Which process, as somebody on the host would find it.
std::string place_of(const StepEvent& event) {
  if (event.step().side == Side::host) return cat("host, pid ", ::getpid());
  return cat("child, pid ", event.live.child, " (1 inside)");
}

}  // namespace

std::string introduction(const Prose& prose, const Plan& plan, size_t index,
                         const std::string& place) {
  const Step& step = plan[index];
  return cat(prose.heading(cat("step ", index + 1, "/", plan.size(), "  ", step.id), place),
             prose.field("why", std::string(step.why)), prose.calls(calls(step.op)),
             prose.command("shell", shell(step.op)), prose.field("see", std::string(step.see)));
}

std::string introduction(const Prose& prose, const image::LoadRecord& record,
                         const std::string& place) {
  const std::string of = record.of == 0 ? "" : cat("/", record.of);
  return cat(prose.heading(cat("load ", record.number, of, "  ", record.id), place),
             prose.field("why", std::string(record.why)), prose.calls(record.calls),
             prose.command("shell", record.shell), prose.field("see", std::string(record.see)));
}

std::string introduction(const Prose& prose, const ContainerSpec& spec, const Plan& plan) {
  size_t child = 0;
  for (const Step& step : plan) child += step.side == Side::child ? 1 : 0;
  const size_t layers = spec.chain.size();
  return cat(
      prose.heading("plan", ""),
      prose.field("image", cat(spec.image, ", ", layers, layers == 1 ? " layer" : " layers")),
      prose.field("runs", shell_words(spec.argv)), prose.field("id", spec.id),
      prose.field("steps", cat(plan.size(), ", written down before any is done")),
      prose.field("host", cat(plan.size() - child, " of them: by minirun, which stays outside")),
      prose.field("child", cat(child,
                               " of them: by a second process, which makes a room around "
                               "itself and then becomes the program")),
      prose.field("look", "a command for another terminal, while the container stands"));
}

std::string undo_introduction(const Prose& prose, const Step& step, const std::string& place) {
  const std::string shell = undo_shell(step.op);
  return shell.empty()
             ? ""
             : cat(prose.heading(cat("undo  ", step.id), place), prose.command("shell", shell));
}

void Narrator::loaded(const image::LoadRecord& record) {
  say(cat(introduction(prose_, record, cat("host, pid ", ::getpid())),
          prose_.field("result", after_time(record.result, record.took)),
          prose_.command("look", record.look)));
}

void Narrator::begin(const ContainerSpec& spec, const Plan& plan) {
  say(introduction(prose_, spec, plan));
}

void Narrator::before(const StepEvent& event) {
  say(introduction(prose_, event.plan, event.index, place_of(event)));
}

void Narrator::after(const StepEvent& event) {
  steps_took_ += event.took;
  say(cat(prose_.field("result", after_time(result_of(event), event.took)),
          prose_.command("look", look_now(event))));
}

void Narrator::failed(const StepEvent& /*event*/, const std::exception& why) {
  const std::string name = errno_name(why);
  say(cat(prose_.field("result", name.empty() ? "failed" : cat("-1 ", name)),
          prose_.field("", why.what())));
}

void Narrator::undone(const StepEvent& event, const std::string& problem) {
  const std::string place = cat("host, pid ", ::getpid());
  const std::string what = undo_introduction(prose_, event.step(), place);
  if (what.empty() && problem.empty()) return;  // a named volume stays
  say(cat(what, prose_.field("result", after_time(problem.empty() ? "0" : problem, event.took))));
}

void Narrator::end(int exit_status) {
  say(cat(prose_.heading(exit_status == -1 ? "end" : cat("end: exit status ", exit_status), ""),
          prose_.field("took", cat(steps_took_.count(),
                                   " µs for all steps, and in it the program's "
                                   "own time")),
          "\n"));
}

}  // namespace minirun
