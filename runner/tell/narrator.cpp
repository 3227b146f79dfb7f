#include "runner/tell/narrator.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
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
                               " of them: by a second process, which isolates itself and "
                               "then becomes the program")),
      prose.field("look", "a command for another terminal, while the container stands"));
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

void Narrator::wipe() {
  if (std::exchange(is_wiping_, false)) say("\r\033[K");
}

void Narrator::tell(const std::string& text) {
  wipe();
  say(text);
}

void Narrator::say_for_now(const std::string& text) {
  if (!prose_.is_terminal()) return;
  tell(text);
  is_wiping_ = true;
}

std::string Narrator::phase_of(const Step& step) {
  if (step.phase == phase_) return {};
  phase_ = step.phase;
  return cat(is_full_ ? "\n" : "", phase_heading(prose_, phase_));
}

std::string Narrator::short_line(std::string_view mark, const std::string& id,
                                 std::string_view side, const std::string& what,
                                 const std::string& time, const std::string& result) const {
  std::string text = what;
  // Every step of the host would begin with the same forty letters.
  for (size_t at = dir_.empty() ? std::string::npos : text.find(dir_); at != std::string::npos;
       at = text.find(dir_, at)) {
    text.replace(at, dir_.size(), "…");
  }
  text = printable(text);
  std::vector<Prose::Cell> cells = {{mark, -4}, {id, 17}, {side, 5}, {text, 0}};
  if (!result.empty()) cells.push_back({result, static_cast<int>(page::width(result))});
  cells.push_back({time, -8});
  return prose_.row(cells);
}

void Narrator::loading(std::string_view id) {
  if (is_full_) return say_for_now(cat("load  ", id, " ..."));
  say_for_now(short_line("load", std::string(id), "host", "...", ""));
}

void Narrator::loaded(const image::LoadRecord& record) {
  if (!is_full_) {
    return tell(
        short_line("load", std::string(record.id), "host", record.result, human_time(record.took)));
  }
  tell(cat(introduction(prose_, record, cat("host, pid ", ::getpid())),
           prose_.field("result", after_time(record.result, record.took)),
           prose_.command("look", record.look)));
}

void Narrator::begin(const ContainerSpec& spec, const Plan& plan) {
  if (is_full_) return tell(introduction(prose_, spec, plan));
  dir_ = cat(spec.store, "/containers/", spec.id);
  const size_t layers = spec.chain.size();
  tell(prose_.sentence(
      "plan", cat(printable(spec.image), ", ", layers, layers == 1 ? " layer, " : " layers, ",
                  plan.size(), " steps; … is ", dir_)));
}

void Narrator::before(const StepEvent& event) {
  if (is_full_) {
    const std::string phase = phase_of(event.step());
    tell(cat(phase, introduction(prose_, event.plan, event.index, place_of(event))));
  } else if (std::holds_alternative<ns::Exec>(event.step().op)) {
    // Told now: the program may write to the terminal before it is known that it began.
    tell(cat(phase_of(event.step()), step_line(event, "")));
  }
}

void Narrator::after(const StepEvent& event) {
  steps_took_ += event.took;
  if (is_full_) {
    return tell(cat(prose_.field("result", after_time(result_of(event), event.took)),
                    prose_.command("look", look_now(event))));
  }
  if (std::holds_alternative<ns::Exec>(event.step().op)) return;
  tell(cat(phase_of(event.step()), step_line(event, human_time(event.took))));
}

std::string Narrator::step_line(const StepEvent& event, const std::string& time) const {
  const Step& step = event.step();
  const std::string result = result_of(event);
  return short_line(cat(event.index + 1), step.id, side_name(step.side),
                    decisive_call(calls(step.op)), time,
                    result == "0" || time.empty() ? "" : cat("= ", result));
}

void Narrator::failed(const StepEvent& event, const std::exception& why) {
  const std::string name = errno_name(why);
  const std::string told =
      is_full_ ? "" : introduction(prose_, event.plan, event.index, place_of(event));
  tell(cat(told, prose_.field("result", name.empty() ? "failed" : cat("-1 ", name)),
           prose_.field("", why.what())));
}

void Narrator::undone(const StepEvent& event, const std::string& problem) {
  const std::string place = cat("host, pid ", ::getpid());
  const std::string what = undo_introduction(prose_, event.step(), place);
  if (what.empty() && problem.empty()) return;  // a named volume stays
  if (!is_full_ && problem.empty()) {
    return tell(short_line("undo", event.step().id, "host",
                           decisive_line(undo_shell(event.step().op)), human_time(event.took)));
  }
  tell(cat(what, prose_.field("result", after_time(problem.empty() ? "0" : problem, event.took))));
}

void Narrator::end(int exit_status) {
  const std::string text = exit_status == -1 ? "end" : cat("end: exit status ", exit_status);
  const std::string took = cat(human_time(steps_took_),
                               " for all steps, and in it the program's "
                               "own time");
  if (!is_full_) return tell(cat(text, ", ", took, "\n"));
  tell(cat(prose_.heading(text, ""), prose_.field("took", took), "\n"));
}

}  // namespace minirun
