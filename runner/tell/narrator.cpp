#include "runner/tell/narrator.h"

#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/tell/lessons.h"
#include "runner/tell/step_text.h"

namespace minirun {
namespace {

/// Errors on stderr are ignored: there is nowhere to report them.
void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written == -1 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

std::string after_time(const std::string& result, std::chrono::microseconds took) {
  return cat(result, ", after ", human_time(took));
}

std::string lessons(const Prose& prose, std::string_view step) {
  std::string names;
  for (const Lesson& lesson : lessons_of(step)) {
    names += cat(names.empty() ? "" : "; ", lesson.name());
  }
  return prose.field("lesson", names);
}

}  // namespace

std::string introduction(const Prose& prose, const Plan& plan, size_t index,
                         const std::string& place) {
  const Step& step = plan[index];
  return cat(prose.heading(cat("step ", index + 1, "/", plan.size(), "  ", step.id), place),
             prose.field("why", std::string(step.why)), prose.calls(calls(step.op)),
             prose.command("shell", shell(step.op)), prose.field("see", std::string(step.see)),
             lessons(prose, step.id));
}

std::string introduction(const Prose& prose, const image::LoadRecord& record,
                         const std::string& place) {
  const std::string of = record.of == 0 ? "" : cat("/", record.of);
  return cat(prose.heading(cat("load ", record.number, of, "  ", record.id), place),
             prose.field("why", std::string(record.why)), prose.calls(record.calls),
             prose.command("shell", record.shell), prose.field("see", std::string(record.see)),
             lessons(prose, record.id));
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
                               " of them: by a second process, which isolates itself and "
                               "then becomes the program")),
      prose.field("look", "a command for another terminal, while the container exists"));
}

std::string undo_introduction(const Prose& prose, const Step& step, const std::string& place) {
  const std::string shell = undo_shell(step.op);
  return shell.empty()
             ? ""
             : cat(prose.heading(cat("undo  ", step.id), place), prose.command("shell", shell));
}

std::string phase_heading(const Prose& prose, const Phase& phase) {
  return prose.sentence(std::string(phase.name), std::string(phase.why));
}

std::string place_of(const StepEvent& event) {
  if (event.step().side == Side::host) return cat("host, pid ", ::getpid());
  return cat("child, pid ", event.live.child, " (1 inside)");
}

std::string failure(const Prose& prose, const std::exception& why) {
  const std::string name = errno_name(why);
  return cat(prose.field("result", name.empty() ? "failed" : cat("-1 ", name)),
             prose.field("", why.what()));
}

std::string undone_in_full(const Prose& prose, const StepEvent& event, const std::string& problem) {
  return cat(undo_introduction(prose, event.step(), cat("host, pid ", ::getpid())),
             prose.field("result", after_time(problem.empty() ? "0" : problem, event.took)));
}

void Telling::tell(const std::string& text) {
  page::wipe_brief();
  say(text);
}

std::string Telling::phase_of(const Step& step) {
  if (step.phase == phase_) return {};
  phase_ = step.phase;
  return phase_heading(prose, phase_);
}

void Narrator::loading(std::string_view id) { page::show_brief(cat("load  ", id, " ...")); }

void Narrator::loaded(const image::LoadRecord& record) {
  tell(cat(introduction(prose, record, cat("host, pid ", ::getpid())),
           prose.field("result", after_time(record.result, record.took)),
           prose.command("look", record.look)));
}

void Narrator::begin(const ContainerSpec& spec, const Plan& plan) {
  tell(introduction(prose, spec, plan));
}

void Narrator::before(const StepEvent& event) {
  const std::string phase = phase_of(event.step());
  tell(cat(phase.empty() ? "" : "\n", phase,
           introduction(prose, event.plan, event.index, place_of(event))));
}

void Narrator::after(const StepEvent& event) {
  steps_took += event.took;
  tell(cat(prose.field("result", after_time(result_of(event), event.took)),
           prose.command("look", look_now(event))));
}

void Narrator::failed(const StepEvent& /*event*/, const std::exception& why) {
  tell(failure(prose, why));
}

void Narrator::undone(const StepEvent& event, const std::string& problem) {
  if (undo_shell(event.step().op).empty() && problem.empty()) return;  // a named volume stays
  tell(undone_in_full(prose, event, problem));
}

void Narrator::end(int exit_status) {
  tell(cat(prose.heading(exit_status == -1 ? "end" : cat("end: exit status ", exit_status), ""),
           prose.field("took", cat(human_time(steps_took), own_time)), "\n"));
}

}  // namespace minirun
