#include "runner/plan/skip.h"

#include <unistd.h>

#include <algorithm>

#include "image/load/load.h"
#include "runner/base/error.h"

namespace minirun {
namespace {

void leave_out(Plan& plan, std::string_view id) {
  std::erase_if(plan, [id](const Step& step) { return step.id == id; });
}

/// Other steps may use what this step makes. Here they are changed to do without it.
void do_without(Plan& plan, std::string_view id) {
  for (Step& step : plan) {
    auto* clone = std::get_if<ns::CloneChild>(&step.op);
    if (clone != nullptr && id == "cgroup") {  // as with fork(2), the child is then in the caller's
      clone->cgroup.clear();
      clone->v1_cgroups.clear();
    }
    auto* limits = std::get_if<ns::SetLimits>(&step.op);
    if (limits != nullptr && id == "proc") limits->has_proc = false;
  }
}

}  // namespace

void require_watcher(const std::vector<std::string>& ids, bool is_allowed) {
  if (ids.empty() || is_allowed || ::isatty(STDERR_FILENO) == 1) return;
  throw UsageError(
      "--skip makes a container that isn't isolated, and nobody is watching: "
      "standard error is no terminal",
      "--yes-break-it allows it");
}

std::string_view needed_for(std::string_view id) {
  if (id == "clone") return "without a child process, the other steps would change your machine";
  if (id == "exec") return "without it no program runs";
  if (id == "wait") return "without it the program would be killed as soon as it starts";
  if (is_load_record(id)) return "every image is verified on its way into the store";
  return {};
}

std::vector<std::string_view> goes_with(std::string_view id) {
  // Without pivot-root, "." is not the old root but the caller's working directory. There detach
  // would unmount the caller's mounts.
  if (id == "pivot-root") return {"detach"};
  // Without a network namespace they would change the machine's own loopback and settings.
  if (id == "network-namespace") return {"lo-up", "sysctls"};
  if (id == "cgroup")
    return {"devices", "memory-limit", "cpu-limit", "cpuset", "pids-limit", "usage"};
  if (id == "pipes") return {"streams"};
  if (id == "terminal-socket") return {"terminal", "console", "use-terminal", "take-terminal"};
  if (id == "terminal") return {"console", "use-terminal", "take-terminal"};
  if (id == "proc") return {"sysctls"};
  return {};
}

Plan skip_steps(Plan plan, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (const auto reason = needed_for(id); !reason.empty()) {
      throw UsageError(cat("--skip ", id, ": this step can't be left out"), std::string(reason));
    }
    require_step(plan, id, "--skip");
  }
  for (const std::string& id : ids) {
    leave_out(plan, id);
    for (const std::string_view other : goes_with(id)) leave_out(plan, other);
    do_without(plan, id);
  }
  return plan;
}

void require_step(const Plan& plan, const std::string& id, const std::string& option) {
  std::string ids;
  for (const Step& known : plan) {
    if (known.id == id) return;
    ids += cat(ids.empty() ? "" : ", ", known.id);
  }
  throw UsageError(cat(option, " ", id, ": this run has no such step"),
                   cat("its steps are: ", ids));
}

bool is_load_record(std::string_view id) {
  const auto& ids = image::load_record_ids;
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace minirun
