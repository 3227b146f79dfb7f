// minirun: one saved image, one container, and nothing left behind.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "image/load/load.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"
#include "runner/commands/cli.h"
#include "runner/commands/commands.h"
#include "runner/commands/dry_run.h"
#include "runner/containers/sweep.h"
#include "runner/plan/plan.h"
#include "runner/plan/skip.h"
#include "runner/plan/spec.h"
#include "runner/run/interrupt.h"
#include "runner/run/run.h"
#include "runner/tell/make.h"
#include "runner/tell/script.h"

namespace minirun {
namespace {

/// From the command line to a specification; the store's lock is held until the layers are named.
ContainerSpec prepare(const Options& options, const Listeners& listeners) {
  require_host();
  image::Store store(store_root(options));
  store.sweep();
  for (const std::string& line : sweep_containers(store.root())) note(line);
  const image::Image image =
      find_image(store, options, [&listeners](const image::LoadRecord& record) {
        for (const auto& listener : listeners) listener->loaded(record);
      });
  ContainerSpec spec = make_spec(options, image::view_of(store, image), image);
  check_interrupt();
  for (const std::string& line : spec.notes) note(line);
  return spec;
}

/// --dry-run and --print-script: what would be done, and nothing of it is.
int print_plan(const Options& options) {
  const Foreseen foreseen = foresee(options);
  for (const std::string& line : foreseen.spec.notes) note(line);
  for (const std::string& line : skip_warnings(options.skip)) note(line);
  const std::string text = options.print_script ? script_of(foreseen.spec, foreseen.plan)
                                                : dry_run_text(foreseen, STDOUT_FILENO);
  files::write_all(STDOUT_FILENO, text, "standard output");
  return 0;
}

int run_image(const Options& given) {
  const Options options = checked(given);
  if (options.dry_run || options.print_script) return print_plan(options);
  require_watcher(options.skip, options.yes_break_it);
  const Listeners listeners = make_listeners(options);
  const ContainerSpec spec = prepare(options, listeners);
  const Plan plan = skip_steps(build_plan(spec), options.skip);
  for (const std::string& line : skip_warnings(options.skip)) note(line);
  std::vector<Listener*> told;
  for (const auto& listener : listeners) told.push_back(listener.get());
  for (Listener* listener : told) listener->begin(spec, plan);
  if (spec.keep) note(cat("kept as ", spec.id, "; minirun diff ", spec.id, " shows what it wrote"));
  return run(plan, told, note);
}

/// Names of an image's files and tags stand in messages: what would steer a terminal is made
/// visible.
void complain(const std::string& what, const std::string& hint) {
  std::string text = "minirun: ";
  for (const auto line : split(what, '\n')) text += printable(line) + "\n";
  if (!hint.empty()) text += cat("hint: ", printable(hint), "\n");
  std::fputs(text.c_str(), stderr);
}

int guarded_main(const std::vector<std::string>& words) {
  try {
    const Options options = parse_command_line(words);
    return options.command == "run" ? run_image(options) : run_command(options);
  } catch (const ExecError& error) {
    complain(error.what(), error.hint());
    return error.status();
  } catch (const Error& error) {
    if (const int signal = interrupted_by(); signal != 0) {
      complain("interrupted", "what was begun is undone");
      return 128 + signal;
    }
    complain(error.what(), error.hint());
  } catch (const std::exception& error) {
    complain(error.what(), {});
  }
  return 125;  // minirun's own failure, as Docker's
}

/// Who starts us with a standard descriptor closed would have us open the store as it, and print
/// into it. What can't be used stands there instead, so that reading and writing still fail.
void fill_standard_fds() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    // The lowest free number is the one that was asked about, and it stays open for the program.
    ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // NOLINT(android-cloexec-open)
  }
}

}  // namespace
}  // namespace minirun

int main(int argc, char** argv) {
  minirun::fill_standard_fds();
  std::signal(SIGCHLD, SIG_DFL);  // a caller's SIG_IGN would have the kernel reap our children
  minirun::remember_interrupts();
  std::signal(SIGPIPE, SIG_IGN);  // a closed stdout is an error of write(2), told like any other
  return minirun::guarded_main({argv + 1, argv + argc});
}
