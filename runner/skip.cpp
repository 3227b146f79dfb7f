#include "runner/skip.h"

#include <algorithm>

#include "runner/base/error.h"

namespace minirun {
namespace {

/// Why a step can't be left out; empty where it can.
std::string_view needed_for(std::string_view id) {
  if (id == "clone") return "without a process of its own, the rest would be done to your machine";
  if (id == "exec") return "without it no program runs";
  if (id == "wait") return "without it the program would be killed as soon as it begins";
  return {};
}

void leave_out(Plan& plan, std::string_view id) {
  std::erase_if(plan, [id](const Step& step) { return step.id == id; });
}

}  // namespace

Plan skip_steps(Plan plan, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) require_step(plan, id, "--skip");
  for (const std::string& id : ids) {
    if (const auto reason = needed_for(id); !reason.empty()) {
      throw UsageError(cat("--skip ", id, ": this step can't be left out"), std::string(reason));
    }
    leave_out(plan, id);
    // Where nothing was pivoted, "." is no old root but wherever the caller stands, and what is
    // mounted there would go.
    if (id == "pivot-root") leave_out(plan, "detach");
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

}  // namespace minirun
