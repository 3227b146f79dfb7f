#include "runner/tell/outline.h"

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/tell/step_text.h"

namespace minirun {
namespace {

bool is_exec(const StepEvent& event) { return std::holds_alternative<ns::Exec>(event.step().op); }

}  // namespace

std::string Outline::line(std::string_view mark, const std::string& id, std::string_view side,
                          const std::string& what, const std::string& time,
                          const std::string& result) const {
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
  return prose.row(cells);
}

std::string Outline::step_line(const StepEvent& event, const std::string& time) const {
  const Step& step = event.step();
  const std::string result = result_of(event);
  return line(cat(event.index + 1), step.id, side_name(step.side), decisive_call(calls(step.op)),
              time, result == "0" || time.empty() ? "" : cat("= ", result));
}

void Outline::loading(std::string_view id) {
  page::show_brief(line("load", std::string(id), "host", "...", ""));
}

void Outline::loaded(const image::LoadRecord& record) {
  tell(line("load", std::string(record.id), "host", record.result, human_time(record.took)));
}

void Outline::begin(const ContainerSpec& spec, const Plan& plan) {
  dir_ = spec.directory();
  const std::string layers = page::counted(spec.chain.size(), "layer");
  const std::string what = cat(printable(spec.image), ", ", layers, ", ", plan.size(), " steps");
  tell(prose.sentence("plan", cat(what, "; … is ", dir_)));
}

void Outline::before(const StepEvent& event) {
  // The program may write to the terminal before it is known that it began.
  if (is_exec(event)) tell(cat(phase_of(event.step()), step_line(event, "")));
}

void Outline::after(const StepEvent& event) {
  steps_took += event.took;
  if (is_exec(event)) return;
  tell(cat(phase_of(event.step()), step_line(event, human_time(event.took))));
}

void Outline::failed(const StepEvent& event, const std::exception& why) {
  tell(cat(introduction(prose, event.plan, event.index, place_of(event)), failure(prose, why)));
}

void Outline::undone(const StepEvent& event, const std::string& problem) {
  if (!problem.empty()) return tell(undone_in_full(prose, event, problem));
  const std::string shell = undo_shell(event.step().op);
  if (shell.empty()) return;  // a named volume stays
  const bool is_clone = std::holds_alternative<ns::CloneChild>(event.step().op);
  if (is_clone && event.live.exit_status != -1) return;  // it has ended: there is nothing to kill
  tell(line("undo", event.step().id, "host", decisive_line(shell), human_time(event.took)));
}

void Outline::end(int exit_status) {
  tell(cat(exit_status == -1 ? "end" : cat("end: exit status ", exit_status), ", ",
           human_time(steps_took), own_time, "\n"));
}

}  // namespace minirun
