// run: from the command line to a container, or to what it would be (--dry-run, --print-script).
#include "runner/run/run.h"

#include <unistd.h>

#include <algorithm>

#include "image/load/load.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/commands/commands.h"
#include "runner/commands/listeners.h"
#include "runner/commands/make_spec.h"
#include "runner/commands/program.h"
#include "runner/commands/shared.h"
#include "runner/containers/sweep.h"
#include "runner/plan/plan.h"
#include "runner/plan/skip.h"
#include "runner/run/interrupt.h"
#include "runner/tell/essay.h"
#include "runner/tell/narrator.h"
#include "runner/tell/script.h"

namespace minirun {
namespace {

/// What is typed has to be typed somewhere.
void require_terminal(const Options& options) {
  if (!options.terminal || !options.interactive || ::isatty(STDIN_FILENO) == 1) return;
  throw UsageError("-i with -t relays a terminal, and standard input is none",
                   "leave out -t where input comes from a pipe or a file");
}

/// From the command line to a specification; the store's lock is held until the layers are named.
ContainerSpec prepare(const Options& options, const Listeners& listeners) {
  require_host();
  image::Store store(store_root(options));
  store.sweep();
  for (const std::string& line : sweep_containers(store.root())) note(line);
  const auto tell = [&listeners](const image::LoadRecord& record) {
    for (const auto& listener : listeners) listener->loaded(record);
  };
  const auto begins = [&listeners](std::string_view id) {
    for (const auto& listener : listeners) listener->loading(id);
  };
  const image::Image image = find_image(store, options, tell, begins);
  ContainerSpec spec = make_spec(options, image::view_of(store, image), image);
  check_interrupt();
  for (const std::string& line : spec.notes) note(line);
  return spec;
}

// --dry-run and --print-script need no root and change nothing, but that for root a script's image
// is loaded, so that the script runs.

struct Foreseen {
  std::vector<image::LoadRecord> load;  ///< what loading the image would do; empty: it is loaded
  ContainerSpec spec;
  Plan plan;
};

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

/// Reads the archive, where the image isn't in the store (or the store can't be read), to its end.
/// Throws as a run would, and UsageError for an option that only a run can obey.
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

/// The whole of it for people, in the narrator's form.
std::string dry_run_text(const Foreseen& foreseen, int fd) {
  const Prose prose = Prose::for_terminal(fd);
  std::string text;
  for (const image::LoadRecord& record : foreseen.load) {
    text += introduction(prose, record, "host, as root");
  }
  text += introduction(prose, foreseen.spec, foreseen.plan);
  Phase phase;
  for (size_t i = 0; i < foreseen.plan.size(); ++i) {
    if (!(foreseen.plan[i].phase == phase)) {
      phase = foreseen.plan[i].phase;
      text += cat("\n", phase_heading(prose, phase));
    }
    const bool is_host = foreseen.plan[i].side == Side::host;
    text +=
        introduction(prose, foreseen.plan, i, is_host ? "host, as root" : "child, pid 1 inside");
  }
  for (size_t i = foreseen.plan.size(); i-- > 0;) {
    text += undo_introduction(prose, foreseen.plan[i], "host, as root");
  }
  return text + "\nNothing of this was done.\n";
}

/// --dry-run and --print-script: what would be done, and nothing of it is.
int print_plan(const Options& options) {
  const Foreseen foreseen = foresee(options);
  for (const std::string& line : foreseen.spec.notes) note(line);
  for (const std::string& line : skip_warnings(options.skip)) note(line);
  const std::string text = options.print_script ? script_of(foreseen.spec, foreseen.plan)
                                                : dry_run_text(foreseen, STDOUT_FILENO);
  print(text);
  return 0;
}

/// Why the program can't be executed, now that there is time to look; empty if the image's files
/// don't tell.
std::string reason_of(const ContainerSpec& spec) {
  try {
    const image::Stack stack(diffs_of(spec));
    const Program program(spec, stack);
    return program.is_seen() ? program.problem().value_or("") : "";
  } catch (const std::exception&) {
    return {};  // the first error says more than one of this look
  }
}

}  // namespace

int run_command(const Options& given) {
  const Options options = checked(given);
  if (options.dry_run || options.print_script) return print_plan(options);
  require_watcher(options.skip, options.yes_break_it);
  require_terminal(options);
  const Listeners listeners = make_listeners(options);
  const ContainerSpec spec = prepare(options, listeners);
  const Plan plan = skip_steps(build_plan(spec), options.skip);
  for (const std::string& line : skip_warnings(options.skip)) note(line);
  std::vector<Listener*> told;
  for (const auto& listener : listeners) told.push_back(listener.get());
  for (Listener* listener : told) listener->begin(spec, plan);
  if (spec.keep) note(cat("kept as ", spec.id, "; minirun diff ", spec.id, " shows what it wrote"));
  try {
    return run(plan, told, note);
  } catch (const ExecError& error) {
    const std::string reason = reason_of(spec);
    if (reason.empty()) throw;
    throw ExecError(error.status(), error.what(), reason);
  }
}

}  // namespace minirun
