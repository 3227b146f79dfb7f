#include "runner/tell/trace.h"

#include <nlohmann/json.hpp>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/tell/step_text.h"

namespace minirun {
namespace {

using Json = nlohmann::ordered_json;

Json step_line(const StepEvent& event) {
  const Step& step = event.step();
  return {{"kind", "step"},          {"number", event.index + 1},
          {"of", event.plan.size()}, {"phase", step.phase.name},
          {"id", step.id},           {"side", side_name(step.side)},
          {"why", step.why},         {"see", step.see},
          {"calls", calls(step.op)}, {"shell", shell(step.op)},
          {"look", look_now(event)}};
}

Json number_or_null(const std::optional<uint64_t>& number) {
  return number ? Json(*number) : Json();
}

Json usage_json(const Usage& usage) {
  return {{"cpu_us", number_or_null(usage.cpu_us)},
          {"memory_peak", number_or_null(usage.memory_peak)},
          {"memory_limit", number_or_null(usage.memory_limit)},
          {"pids_peak", number_or_null(usage.pids_peak)},
          {"oom_kills", usage.oom_kills}};
}

/// A new file, in the place of an older one. Root writes it, perhaps in a directory where others
/// may write as well. So nothing that lies there is emptied, and no symlink is followed. A device
/// is opened as it is, and so is a descriptor of our own: --trace >(jq .id).
UniqueFd open_trace(const std::string& path) {
  constexpr int flags = O_WRONLY | O_NOCTTY;
  if (path.starts_with("/dev/fd/")) return files::open_at(AT_FDCWD, path, flags);
  const UniqueFd dir = files::open_at(AT_FDCWD, parent_of(path), O_PATH | O_DIRECTORY);
  const std::string name = name_of(path);
  const auto status = files::stat_at(dir.get(), name);
  if (status && S_ISLNK(status->st_mode)) {
    throw UsageError(cat("--trace ", path, ": it is a symlink, whose target would be lost"),
                     "name the file itself");
  }
  if (!status || S_ISREG(status->st_mode)) files::replace_file(dir.get(), name, "");
  // O_NONBLOCK: a FIFO without a reader is an error, and nobody waits.
  UniqueFd file = files::open_at(dir.get(), name, flags | O_NOFOLLOW | O_NONBLOCK);
  check(::fcntl(file.get(), F_SETFL, 0), "fcntl F_SETFL");
  return file;
}

}  // namespace

Trace::Trace(std::string path) : path_(std::move(path)), file_(open_trace(path_)) {}

void Trace::loaded(const image::LoadRecord& record) {
  write({{"kind", "load"},
         {"number", record.number},
         {"of", record.of == 0 ? Json() : Json(record.of)},
         {"id", record.id},
         {"side", side_name(Side::host)},
         {"why", record.why},
         {"see", record.see},
         {"calls", record.calls},
         {"shell", record.shell},
         {"look", record.look},
         {"result", record.result},
         {"errno", nullptr},
         {"start_us", start_us(record.took)},
         {"took_us", record.took.count()}});
}

void Trace::after(const StepEvent& event) {
  Json line = step_line(event);
  line["result"] = result_of(event);
  line["errno"] = nullptr;
  line["start_us"] = start_us(event.took);
  line["took_us"] = event.took.count();
  if (std::holds_alternative<ns::ReadUsage>(event.step().op)) {
    line["usage"] = usage_json(event.live.usage);
  }
  write(line);
}

void Trace::failed(const StepEvent& event, const std::exception& why) {
  Json line = step_line(event);
  const std::string name = errno_name(why);
  line["result"] = "-1";
  line["errno"] = name.empty() ? Json() : Json(name);
  line["message"] = why.what();
  line["start_us"] = start_us(event.took);
  line["took_us"] = event.took.count();
  write(line);
}

void Trace::undone(const StepEvent& event, const std::string& problem) {
  write({{"kind", "undo"},
         {"id", event.step().id},
         {"side", side_name(Side::host)},
         {"shell", undo_shell(event.step().op)},
         {"result", problem.empty() ? "0" : "-1"},
         {"message", problem.empty() ? Json() : Json(problem)},
         {"start_us", start_us(event.took)},
         {"took_us", event.took.count()}});
}

void Trace::end(int exit_status) {
  write({{"kind", "end"},
         {"exit_status", exit_status == -1 ? Json() : Json(exit_status)},
         {"start_us", start_us({})}});
}

void Trace::write(const Json& line) {
  // A name in an image need not be UTF-8, and JSON has to be.
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace);
  files::write_all(file_.get(), text + "\n", path_);
}

int64_t Trace::start_us(std::chrono::microseconds took) const {
  const auto now = std::chrono::steady_clock::now() - begin_ - took;
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace minirun
