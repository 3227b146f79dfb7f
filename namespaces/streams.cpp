#include "namespaces/streams.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

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

/// Whether both lead to one file, pipe or terminal.
bool is_same_file(int one, int other) {
  struct stat a {};
  struct stat b {};
  return ::fstat(one, &a) == 0 && ::fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
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
  live.inside.out = std::move(out.writes);
  live.outside.out = std::move(out.reads);
  if (is_same_file(STDOUT_FILENO, STDERR_FILENO)) {
    // Both through one pipe: with two, what was written first could come second.
    live.inside.err = UniqueFd(check(::fcntl(live.inside.out.get(), F_DUPFD_CLOEXEC, 3), "fcntl"));
  } else {
    Pipe err = make_pipe(uid, gid);
    live.inside.err = std::move(err.writes);
    live.outside.err = std::move(err.reads);
  }
  if (interactive) {
    Pipe in = make_pipe(uid, gid);
    live.inside.in = std::move(in.reads);
    live.outside.in = std::move(in.writes);
  }
  // To write where the caller's stdout is closed is an error, from the first byte on.
  if (!is_usable(STDIN_FILENO, O_RDONLY)) live.outside.in.reset();
  if (!is_usable(STDOUT_FILENO, O_WRONLY)) live.outside.out.reset();
  if (!is_usable(STDERR_FILENO, O_WRONLY)) live.outside.err.reset();
}

// A shell has no pipe without a name, and opening a FIFO waits for the other end. 7 is both ends
// for a moment, so that nothing waits. 4, 5 and 6 are the program's, until the child has them.
std::string MakePipes::shell() const {
  const char* all = interactive ? "\"$pipes/stdout\" \"$pipes/stderr\" \"$pipes/stdin\""
                                : "\"$pipes/stdout\" \"$pipes/stderr\"";
  std::string text =
      cat("pipes=", shell_quote(dir), "\nmkfifo -m 600 ", all, "\nchown ", uid, ":", gid, " ", all,
          "\nexec 7<> \"$pipes/stdout\" 4> \"$pipes/stdout\"\n"
          "exec 7<> \"$pipes/stderr\" 5> \"$pipes/stderr\" 7>&-\n"
          "cat 4>&- 5>&- 8<&- < \"$pipes/stdout\" &\nrelays=$!\n"
          "cat 4>&- 5>&- 8<&- < \"$pipes/stderr\" >&2 &\nrelays=\"$relays $!\"");
  if (interactive) {
    text +=
        "\nexec 7<> \"$pipes/stdin\" 6< \"$pipes/stdin\" 7>&-\n"
        "exec 3<&0  # in the background a shell reads /dev/null: not so here\n"
        "cat <&3 3<&- 4>&- 5>&- 6<&- 8<&- > \"$pipes/stdin\" &\nfeeder=$!\nexec 3<&-";
  }
  return text;
}

std::vector<std::string> MakePipes::calls() const {
  const auto made = [this](const std::string& what) -> std::vector<std::string> {
    const std::string reads = unknown(cat("read ", what));
    return {call("pipe2", cat("[", reads, ", ", unknown(cat("write ", what)), "]"), "O_CLOEXEC"),
            call("fchown", reads, uid, gid)};
  };
  std::vector<std::string> list = made("output");
  append(list, only_if("your output and errors go to two places", made("errors")));
  if (interactive) append(list, made("input"));
  return list;
}

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

void MakeTerminalSocket::apply(Live& live) const {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  live.outside.socket = UniqueFd(ends[0]);
  live.inside.socket = UniqueFd(ends[1]);
}

std::string MakeTerminalSocket::shell() const {
  return "pty=yes  # step clone starts the child by script(1), which makes a terminal and relays "
         "it";
}

std::vector<std::string> MakeTerminalSocket::calls() const {
  return {call("socketpair", "AF_UNIX", "SOCK_STREAM|SOCK_CLOEXEC", 0,
               cat("[", unknown("the host's end"), ", ", unknown("the child's end"), "]"))};
}

std::string MakeTerminalSocket::look() const { return "ls -l /proc/$(pgrep -nx minirun)/fd"; }

void UseTerminal::apply(Live& live) const {
  const int terminal = live.inside.out.get();
  // Only a session's leader can take one, and only one that no other session has.
  if (::ioctl(terminal, TIOCSCTTY, 0) == -1) {
    const int number = errno;
    throw SysError(number, "ioctl TIOCSCTTY",
                   number == EPERM ? "only the leader of a session can take a terminal: it needs "
                                     "step session"
                                   : "");
  }
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    check(::dup2(terminal, fd), "dup2 of the terminal to ", fd);
  }
}

// It is 0, 1 and 2 already: script(1) began with it. setsid(1) takes it from script's session.
std::string UseTerminal::shell() const {
  return "ctty=--ctty  # of setsid(1), when the program begins";
}

std::vector<std::string> UseTerminal::calls() const {
  std::vector<std::string> list = {call("ioctl", unknown("the terminal"), "TIOCSCTTY", 0)};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    list.push_back(call("dup2", unknown("the terminal"), fd));
  }
  return list;
}

std::string UseTerminal::look() const {
  return "ps -o pid,sid,tty,tpgid -p $PID; ls -l /proc/$PID/fd";
}

void TakeTerminal::apply(Live& live) const {
  // The child's end of the socket: without it a child that died is an end of file.
  live.inside = {};
  char byte = 0;
  iovec data = {&byte, 1};
  int master = -1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof master)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  check(::recvmsg(live.outside.socket.get(), &message, MSG_CMSG_CLOEXEC), "recvmsg");
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    throw Error("the child did not hand over the master of its terminal",
                "too many descriptors may be open: ulimit -n");
  }
  std::memcpy(&master, CMSG_DATA(header), sizeof master);
  live.outside.out = UniqueFd(master);
  live.outside.socket.reset();
}

std::string TakeTerminal::shell() const {
  return "# no shell equivalent: script(1) has held the other end from the start";
}

std::vector<std::string> TakeTerminal::calls() const {
  return {call("recvmsg", unknown("the socket to the child"), "{...}", "MSG_CMSG_CLOEXEC")};
}

std::string TakeTerminal::look() const { return "ls -l /proc/$(pgrep -ox minirun)/fd"; }

}  // namespace minirun::ns
