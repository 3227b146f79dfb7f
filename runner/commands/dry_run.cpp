#include "runner/commands/dry_run.h"

#include <unistd.h>

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/plan/skip.h"
#include "runner/tell/narrator.h"

namespace minirun {
namespace {

void refuse_what_runs(const Options& options) {
  const char* form = options.dry_run ? "--dry-run" : "--print-script";
  const char* given = options.step                   ? "--step"
                      : !options.trace.empty()       ? "--trace"
                      : !options.report.empty()      ? "--report"
                      : !options.break_after.empty() ? "--break-after"
                                                     : nullptr;
  if (given != nullptr) {
    throw UsageError(cat(given, " is about a run, and ", form, " has none"),
                     "leave one of them out");
  }
  if (options.dry_run && options.print_script) {
    throw UsageError("--dry-run and --print-script print the same plan in two forms", "choose one");
  }
  const auto skips = [&options](std::string_view id) {
    return std::find(options.skip.begin(), options.skip.end(), id) != options.skip.end();
  };
  if (options.print_script && skips("private")) {
    throw UsageError(
        "--print-script can't leave out private: the script's step detach would take "
        "the machine's own mounts with it",
        "minirun --skip private leaves it out, and keeps detach from that");
  }
}

/// A script that is printed for root is one that runs: its layers are put in their place.
image::Preview load_for_script(const Options& options) {
  image::Store store(store_root(options));
  const image::Image image = find_image(store, options);
  return {image, image::view_of(store, image)};
}

}  // namespace

Foreseen foresee(const Options& options) {
  refuse_what_runs(options);
  Foreseen foreseen;
  const bool loads = options.print_script && ::geteuid() == 0;
  const auto tell = [&](const image::LoadRecord& record) { foreseen.load.push_back(record); };
  const image::Preview seen = loads ? load_for_script(options) : look_for_image(options, tell);
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
