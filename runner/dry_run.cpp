#include "runner/dry_run.h"

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands.h"
#include "runner/listeners/narrator.h"
#include "runner/skip.h"

namespace minirun {
namespace {

void refuse_what_runs(const Options& options) {
  const char* given = options.step                   ? "--step"
                      : !options.trace.empty()       ? "--trace"
                      : !options.report.empty()      ? "--report"
                      : !options.break_after.empty() ? "--break-after"
                                                     : nullptr;
  if (given == nullptr) return;
  throw UsageError(cat(given, " is about a run, and ",
                       options.dry_run ? "--dry-run" : "--print-script", " has none"),
                   "leave one of them out");
}

}  // namespace

Foreseen foresee(const Options& options) {
  refuse_what_runs(options);
  Foreseen foreseen;
  const image::Preview seen = look_for_image(
      options, [&](const image::LoadRecord& record) { foreseen.load.push_back(record); });
  foreseen.spec = make_spec(options, seen.view, seen.image);
  foreseen.plan = skip_steps(build_plan(foreseen.spec), options.skip);
  return foreseen;
}

std::string dry_run_text(const Foreseen& foreseen, int fd) {
  const Prose prose = Prose::for_terminal(fd);
  std::string text;
  for (const image::LoadRecord& record : foreseen.load) {
    text += introduction(prose, record, "host, as root");
  }
  text += introduction(prose, foreseen.spec, foreseen.plan);
  for (size_t i = 0; i < foreseen.plan.size(); ++i) {
    const bool is_host = foreseen.plan[i].side == Side::host;
    text +=
        introduction(prose, foreseen.plan, i, is_host ? "host, as root" : "child, pid 1 inside");
  }
  for (size_t i = foreseen.plan.size(); i-- > 0;) {
    text += undo_introduction(prose, foreseen.plan[i], "host, as root");
  }
  return text + "\nNothing of this was done.\n";
}

}  // namespace minirun
