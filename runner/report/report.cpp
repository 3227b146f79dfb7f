#include "runner/report/report.h"

#include <unistd.h>

#include "image/layer/changes.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/report/tree.h"

namespace minirun {
namespace {

ReportJson shown_list(const std::vector<std::string>& texts) {
  ReportJson list = ReportJson::array();
  for (const std::string& text : texts) list.push_back(shown_lines(text));
  return list;
}

ReportJson step_facts(const Step& step) {
  return {{"id", step.id},
          {"phase", step.phase.name},
          {"side", step.side == Side::host ? "host" : "child"},
          {"why", step.why},
          {"see", step.see},
          {"calls", shown_list(calls(step.op))},
          {"shell", shown_lines(shell(step.op))},
          {"look", shown_lines(look(step.op))},
          {"undoShell", shown_lines(undo_shell(step.op))}};
}

}  // namespace

// The clock is monotonic and the same in all processes. So a step's time can be put on our time
// line, even if the child measured it.
int64_t Report::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_).count();
}

void Report::loaded(const image::LoadRecord& record) {
  loads_.push_back({{"id", record.id},
                    {"why", record.why},
                    {"see", record.see},
                    {"calls", shown_list(record.calls)},
                    {"shell", shown_lines(record.shell)},
                    {"look", shown_lines(record.look)},
                    {"result", shown_lines(record.result)},
                    {"start", now() - record.took.count()},
                    {"took", record.took.count()}});
}

void Report::begin(const ContainerSpec& spec, const Plan& plan) {
  store_ = spec.store;
  upper_ = spec.directory() + "/diff";
  for (const std::string& name : spec.lower) lower_.push_back(cat(spec.store, "/overlay2/", name));
  image_id_ = spec.image_id;
  image_name_ = spec.image;
  ReportJson steps = ReportJson::array();
  for (const Step& step : plan) steps.push_back(step_facts(step));
  run_ = {{"id", spec.id},
          {"name", printable(spec.name)},
          {"hostname", printable(spec.hostname)},
          {"command", printable(shell_words(spec.argv))},
          {"loads", std::move(loads_)},
          {"steps", std::move(steps)},
          {"host", process_facts(::getpid())}};
}

void Report::before(const StepEvent& event) {
  step_start_ = now();
  // The child waits: all its other steps are done, and it is not the program yet.
  if (std::holds_alternative<ns::Exec>(event.step().op)) {
    run_["child"] = process_facts(event.live.child);
  }
}

void Report::after(const StepEvent& event) {
  ReportJson& step = run_["steps"][event.index];
  step["took"] = event.took.count();
  step["start"] = now() - event.took.count();
}

void Report::failed(const StepEvent& event, const std::exception& why) {
  ReportJson& step = run_["steps"][event.index];
  step["start"] = step_start_;
  step["took"] = now() - step_start_;
  const Failure failure = failure_of(why);
  step["error"] = shown_lines(why.what());
  if (!failure.hint.empty()) step["hint"] = shown_lines(failure.hint);
  if (failure.number != 0) step["errno"] = failure.number;
  run_["failed"] = event.index;
}

void Report::stopped(const Live& live) {
  const auto used = [this](const char* name, const std::optional<uint64_t>& number) {
    if (number) run_["used"][name] = *number;
  };
  used("cpu", live.usage.cpu_us);
  used("memory", live.usage.memory_peak);
  used("processes", live.usage.pids_peak);
  if (!run_.contains("child") && live.child > 0) run_["child"] = process_facts(live.child);
  const auto upper = files::open_if_exists(AT_FDCWD, upper_, O_RDONLY | O_DIRECTORY);
  if (!upper) return;
  run_["upper"] = tree_text(upper->get());
  run_["changes"] = ReportJson::array();
  for (const image::Change& change : image::diff_upper(upper_, lower_)) {
    run_["changes"].push_back(cat(std::string(1, change.kind), " ", printable(change.path)));
  }
}

void Report::undone(const StepEvent& event, const std::string& problem) {
  run_["steps"][event.index]["undone"] = {{"start", now() - event.took.count()},
                                          {"took", event.took.count()},
                                          {"problem", shown_lines(problem)}};
}

void Report::end(int exit_status) {
  run_["exit"] = exit_status;
  const image::Store store(store_);
  ReportJson data = report_head();
  // Nothing of the container holds its image any more: somebody may have removed it just now.
  if (const auto image = store.find(image_id_)) {
    data["image"] = image_facts(store, *image, image_name_);
  } else {
    data["image"] = {{"name", printable(image_name_)}, {"id", image_id_.str()}};
  }
  data["run"] = std::move(run_);
  file_.write(report_page(json_for_page(data)));
}

}  // namespace minirun
