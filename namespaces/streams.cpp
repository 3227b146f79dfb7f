#include "namespaces/streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

struct Pipe {
  UniqueFd reads;
  UniqueFd writes;
};

/// Whether the caller's descriptor can be read or written at all: one that was closed can't
/// (main.cpp). `mode` is O_RDONLY or O_WRONLY.
bool is_usable(int fd, int mode) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags != -1 && ((flags & O_ACCMODE) == O_RDWR || (flags & O_ACCMODE) == mode);
}

/// One inode, two ends: its owner may open either again.
Pipe make_pipe(uid_t uid, gid_t gid) {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  check(::fchown(pipe.reads.get(), uid, gid), "fchown of a pipe");
  return pipe;
}

}  // namespace

void MakePipes::apply(Live& live) const {
  Pipe out = make_pipe(uid, gid);
  Pipe err = make_pipe(uid, gid);
  live.inside.out = std::move(out.writes);
  live.outside.out = std::move(out.reads);
  live.inside.err = std::move(err.writes);
  live.outside.err = std::move(err.reads);
  if (interactive) {
    Pipe in = make_pipe(uid, gid);
    live.inside.in = std::move(in.reads);
    live.outside.in = std::move(in.writes);
  }
  // To write where the caller's stdout is closed is an error, and has to be one from the first byte.
  if (!is_usable(STDIN_FILENO, O_RDONLY)) live.outside.in.reset();
  if (!is_usable(STDOUT_FILENO, O_WRONLY)) live.outside.out.reset();
  if (!is_usable(STDERR_FILENO, O_WRONLY)) live.outside.err.reset();
}

// A shell has no pipe without a name. cat(1) relays, and a FIFO that nobody opens would keep it
// waiting, so the script's own 4, 5 and 6 hold the other ends until the child has them.
std::string MakePipes::shell() const {
  const char* all = interactive ? "\"$pipes/stdout\" \"$pipes/stderr\" \"$pipes/stdin\""
                                : "\"$pipes/stdout\" \"$pipes/stderr\"";
  std::string text = cat("pipes=", shell_quote(dir), "\nmkfifo -m 600 ", all, "\nchown ", uid, ":",
                         gid, " ", all,
                         "\ncat 8<&- < \"$pipes/stdout\" &\nrelays=$!\n"
                         "cat 8<&- < \"$pipes/stderr\" >&2 &\nrelays=\"$relays $!\"\n"
                         "exec 4> \"$pipes/stdout\" 5> \"$pipes/stderr\"");
  if (interactive) {
    text += "\nexec 3<&0  # in the background a shell reads /dev/null: not so here\n"
            "cat <&3 3<&- 4<&- 5<&- 8<&- > \"$pipes/stdin\" &\nfeeder=$!\n"
            "exec 3<&- 6< \"$pipes/stdin\"";
  }
  return text;
}

std::vector<std::string> MakePipes::calls() const {
  std::vector<std::string> list;
  for (const char* name : {"output", "errors", "input"}) {
    if (!interactive && name == std::string_view("input")) continue;
    list.push_back(call("pipe2", cat("[", unknown(cat("read ", name)), ", ",
                                     unknown(cat("write ", name)), "]"),
                        "O_CLOEXEC"));
    list.push_back(call("fchown", unknown(cat("read ", name)), uid, gid));
  }
  return list;
}

// The container has no process yet: the runner, which began last, holds them.
std::string MakePipes::look() const { return "ls -l /proc/$(pgrep -nx minirun)/fd"; }

void NullStdin::apply(Live&) const {
  // Where no step has made it, the image's own may be a FIFO, which would wait for a writer.
  const auto status = files::stat_at(AT_FDCWD, "/dev/null");
  if (status && !S_ISCHR(status->st_mode)) throw Error("/dev/null is not a device");
  const UniqueFd null = files::open_at(AT_FDCWD, "/dev/null", O_RDONLY);
  check(::dup2(null.get(), STDIN_FILENO), "dup2 /dev/null to standard input");
}

std::string NullStdin::shell() const { return "exec < /dev/null"; }

std::vector<std::string> NullStdin::calls() const {
  return {call("openat", "AT_FDCWD", c_string("/dev/null"), "O_RDONLY|O_CLOEXEC"),
          call("dup2", unknown("/dev/null"), STDIN_FILENO)};
}

std::string NullStdin::look() const { return "ls -l /proc/$PID/fd/0"; }

void UsePipes::apply(Live& live) const {
  if (interactive) check(::dup2(live.inside.in.get(), STDIN_FILENO), "dup2 to standard input");
  check(::dup2(live.inside.out.get(), STDOUT_FILENO), "dup2 to standard output");
  check(::dup2(live.inside.err.get(), STDERR_FILENO), "dup2 to standard error");
}

std::string UsePipes::shell() const {
  return interactive ? "exec 0<&6 1>&4 2>&5 4>&- 5>&- 6<&-" : "exec 1>&4 2>&5 4>&- 5>&-";
}

std::vector<std::string> UsePipes::calls() const {
  std::vector<std::string> list;
  if (interactive) list.push_back(call("dup2", unknown("read input"), STDIN_FILENO));
  append(list, {call("dup2", unknown("write output"), STDOUT_FILENO),
                call("dup2", unknown("write errors"), STDERR_FILENO)});
  return list;
}

std::string UsePipes::look() const { return "ls -l /proc/$PID/fd"; }

}  // namespace minirun::ns
