#include "runner/listeners/narrator.h"

#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/listeners/words.h"

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

void Narrator::loaded(const image::LoadRecord& record) {
  const std::string of = record.of == 0 ? "" : cat("/", record.of);
  say(cat(prose_.heading(cat("load ", record.number, of, "  ", record.id),
                         cat("host, pid ", ::getpid())),
          prose_.field("why", std::string(record.why)), prose_.calls(record.calls),
          prose_.command("shell", record.shell), prose_.field("see", std::string(record.see)),
          prose_.field("result", after_time(record.result, record.took)),
          prose_.command("look", record.look)));
}

void Narrator::begin(const ContainerSpec& spec, const Plan& plan) {
  size_t child = 0;
  for (const Step& step : plan) child += step.side == Side::child ? 1 : 0;
  say(cat(prose_.heading("plan", ""),
          prose_.field("image", cat(spec.image, ", ", spec.chain.size(),
                                    spec.chain.size() == 1 ? " layer" : " layers")),
          prose_.field("runs", shell_words(spec.argv)), prose_.field("id", spec.id),
          prose_.field("steps", cat(plan.size(), ": ", plan.size() - child, " on the host, ", child,
                                    " in the child; all of them are written down now, and nothing "
                                    "is done yet"))));
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
  say(cat(prose_.heading(cat("undo ", event.step().id), cat("host, pid ", ::getpid())),
          prose_.command("shell", undo_shell(event.step().op)),
          prose_.field("result", after_time(problem.empty() ? "0" : problem, event.took))));
}

void Narrator::end(int exit_status) {
  say(cat(prose_.heading(exit_status == -1 ? "end" : cat("end: exit status ", exit_status), ""),
          prose_.field("took", cat(steps_took_.count(),
                                   " µs for all steps, and in it the program's "
                                   "own time")),
          "\n"));
}

}  // namespace minirun
