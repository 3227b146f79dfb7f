// minirun: one saved image, one container, and nothing left behind.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/commands/cli.h"
#include "runner/run/interrupt.h"

namespace minirun {
namespace {

/// Names of an image's files and tags stand in messages: what would steer a terminal is made
/// visible. On a terminal a long line is wrapped between words; in a file it stays one line.
std::string shown(std::string_view start, std::string_view line) {
  const std::string text = printable(line);
  const size_t columns = page::columns_of(STDERR_FILENO);
  const bool fits = page::width(start) + page::width(text) <= columns;
  if (fits || ::isatty(STDERR_FILENO) != 1) return cat(start, text, "\n");
  return page::wrapped(start, text, columns);
}

void complain(const std::string& what, const std::string& hint) {
  std::string text;
  for (const auto line : split(what, '\n')) text += shown(text.empty() ? "minirun: " : "", line);
  if (!hint.empty()) text += shown("hint: ", hint);
  page::wipe_brief();
  std::fputs(text.c_str(), stderr);
}

int guarded_main(const std::vector<std::string>& words) {
  try {
    const Options options = parse_command_line(words);
    return cli::find_command(options.command)->run(options);
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

/// A file that is longer than ulimit -f allows is an error of write(2) too, where somebody catches
/// the signal. What is ignored would not be passed on to the program.
void keep_file_limits_harmless() {
  if (std::signal(SIGXFSZ, [](int) {}) == SIG_IGN) std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace
}  // namespace minirun

int main(int argc, char** argv) {
  minirun::fill_standard_fds();
  std::signal(SIGCHLD, SIG_DFL);  // a caller's SIG_IGN would have the kernel reap our children
  minirun::remember_interrupts();
  std::signal(SIGPIPE, SIG_IGN);  // a closed stdout is an error of write(2), told like any other
  minirun::keep_file_limits_harmless();
  return minirun::guarded_main({argv + 1, argv + argc});
}
