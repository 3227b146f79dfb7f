#include "mount/terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

constexpr const char* multiplexer = "/dev/pts/ptmx";
constexpr const char* console = "/dev/console";
constexpr uint64_t console_attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

/// Opening it makes a new pair, and the descriptor is the master. Throws Error where it is not
/// devpts's own (--skip devpts).
UniqueFd open_multiplexer(int root);

/// The size of the caller's terminal; nullopt if 0, 1 and 2 are none.
std::optional<winsize> callers_size();

/// Backspace shall take a character of UTF-8, and not its last byte: termios(3), "IUTF8".
void erase_whole_characters(int terminal);

/// A descriptor is copied into the process that reads the message: unix(7), "SCM_RIGHTS".
void send_descriptor(int socket, int fd);

}  // namespace

// LESSON: terminal
void MakeTerminal::apply(Live& live) const {
  const UniqueFd master = open_multiplexer(root_of(live));
  int locked = 0;
  check(::ioctl(master.get(), TIOCSPTLCK, &locked), "ioctl TIOCSPTLCK");
  // The other side of this very pair: /dev/pts/N could be somebody else's by now.
  UniqueFd terminal(check(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC),
                          "ioctl TIOCGPTPEER"));
  check(::fchown(terminal.get(), uid, static_cast<gid_t>(-1)), "chown of the terminal");
  if (const auto size = callers_size()) {
    check(::ioctl(terminal.get(), TIOCSWINSZ, &*size), "ioctl TIOCSWINSZ");
  }
  erase_whole_characters(terminal.get());
  send_descriptor(live.inside.socket.get(), master.get());
  live.inside.out = std::move(terminal);
}

std::string MakeTerminal::shell() const {
  return "# no shell equivalent: script(1) made a terminal of the host's devpts (step clone)";
}

std::vector<std::string> MakeTerminal::calls() const {
  const std::string master = unknown(short_path(root, multiplexer));
  return {call("ioctl", master, "TIOCSPTLCK", "[0]"),
          call("ioctl", master, "TIOCGPTPEER", unknown("O_RDWR|O_NOCTTY|O_CLOEXEC")),
          call("fchown", unknown("the terminal"), uid, -1),
          cat(call("ioctl", unknown("the terminal"), "TIOCSWINSZ", "{...}"),
              " /* if you have a terminal */"),
          call("ioctl", unknown("the terminal"), "TCSETS", "{...}"),
          call("sendmsg", unknown("the socket to the runner"), "{...}", "MSG_NOSIGNAL")};
}

std::string MakeTerminal::look() const {
  return cat("ls -l ", path_in_namespace(host_path(root, "/dev/pts")));
}

void BindConsole::apply(Live& live) const {
  const UniqueFd point = files::make_file_in_root(root_of(live), console);
  const UniqueFd tree = clone_mount(live.inside.out.get(), false);
  set_attributes(tree.get(), console_attributes, false, console);
  attach(tree.get(), point.get(), console);
}

std::string BindConsole::shell() const {
  const std::string point = shell_path(root, console);
  return cat(": > ", point, "\nmount --bind \"$(tty)\" ", point);
}

std::vector<std::string> BindConsole::calls() const {
  return {clone_mount_call("the terminal", false),
          set_attributes_call("tree", console_attributes, false),
          attach_call("tree", short_path(root, console))};
}

std::string BindConsole::look() const { return look_at_mount(host_path(root, console)); }

namespace {

UniqueFd open_multiplexer(int root) {
  UniqueFd master(
      files::try_open_in_root(root, multiplexer, O_RDWR | O_NOCTTY, RESOLVE_NO_SYMLINKS));
  if (!master) {
    const int number = errno;
    throw SysError(number, cat("open ", multiplexer),
                   number == ENOSPC   ? "all terminals of this machine are in use: see "
                                        "/proc/sys/kernel/pty/nr and max"
                   : number == ENOENT ? "a terminal needs step devpts"
                                      : "");
  }
  struct statfs status {};
  check(::fstatfs(master.get(), &status), "statfs ", multiplexer);
  if (status.f_type != DEVPTS_SUPER_MAGIC) {
    throw Error(cat(multiplexer, " is not of devpts"), "a terminal needs step devpts");
  }
  return master;
}

std::optional<winsize> callers_size() {
  winsize size{};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0) return size;
  }
  return std::nullopt;
}

void erase_whole_characters(int terminal) {
  termios modes{};
  check(::tcgetattr(terminal, &modes), "tcgetattr");
  modes.c_iflag |= IUTF8;
  check(::tcsetattr(terminal, TCSANOW, &modes), "tcsetattr");
}

void send_descriptor(int socket, int fd) {
  char byte = 0;
  iovec data = {&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  check(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg SCM_RIGHTS");
}

}  // namespace

}  // namespace minirun::mount
