#include "namespaces/relay.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

constexpr size_t buffer_size = 64 << 10;  // as much as a pipe holds
constexpr size_t splice_size = 1 << 20;   // at most; a pipe hands out what it has
constexpr int share = 16;                 // moves, before others have their turn
constexpr int look_again = 100;           // milliseconds

bool is_kind(int fd, mode_t kind) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

UniqueFd duplicate(int fd) {
  return UniqueFd(check(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "fcntl F_DUPFD_CLOEXEC"));
}

/// A descriptor of ours for the caller's. Where it is opened anew, which /proc/self/fd does, it has
/// flags of its own, and O_NONBLOCK harms nobody. A file is duplicated: its position is the
/// caller's, and a file never makes anybody wait. A socket is duplicated too, because it can't be
/// opened.
UniqueFd callers(int fd, int flags) {
  if (is_kind(fd, S_IFIFO) || ::isatty(fd) == 1) {
    const std::string path = cat("/proc/self/fd/", fd);
    UniqueFd own(::open(path.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own) return own;
  }
  return duplicate(fd);
}

/// Our end of a container's pipe. The flag is this end's alone.
UniqueFd ours(UniqueFd end) {
  if (end) check(::fcntl(end.get(), F_SETFL, O_NONBLOCK), "fcntl F_SETFL O_NONBLOCK");
  return end;
}

/// Lets go of the caller's pipe, so that who has its other end hears of it.
void give_up(int fd) {
  if (!is_kind(fd, S_IFIFO) && !is_kind(fd, S_IFSOCK)) return;
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) ::dup2(null.get(), fd);
}

bool is_readable(int fd) {
  pollfd one = {fd, POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

/// Sockets can't be opened again, but each call can say that it won't wait.
ssize_t read_now(int fd, char* bytes, size_t size) {
  const ssize_t got = ::recv(fd, bytes, size, MSG_DONTWAIT);
  return got == -1 && errno == ENOTSOCK ? ::read(fd, bytes, size) : got;
}

ssize_t write_now(int fd, const char* bytes, size_t size) {
  const ssize_t put = ::send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  return put == -1 && errno == ENOTSOCK ? ::write(fd, bytes, size) : put;
}

}  // namespace

Flow::Flow(UniqueFd from, UniqueFd to)
    : from_(std::move(from)),
      to_(std::move(to)),
      // One side has to be a pipe. splice(2) to a socket waits where the caller's socket does.
      splices_((is_kind(from_.get(), S_IFIFO) || is_kind(to_.get(), S_IFIFO)) &&
               !is_kind(from_.get(), S_IFSOCK) && !is_kind(to_.get(), S_IFSOCK)) {}

void Flow::add_to(std::vector<pollfd>& polled) const {
  if (!is_open()) {
    polled.insert(polled.end(), 2, pollfd{-1, 0, 0});
    return;
  }
  // A source that has ended always calls; it is not asked while its sink is full. A sink calls
  // unasked when its reader has gone.
  polled.push_back({sink_full_ ? -1 : from_.get(), POLLIN, 0});
  polled.push_back({to_.get(), static_cast<short>(sink_full_ ? POLLOUT : 0), 0});
}

void Flow::move(const pollfd* polled) {
  if (!is_open()) return;
  if ((polled[1].revents & (POLLERR | POLLHUP)) != 0) {
    sink_failed(EPIPE);
  } else if (polled[0].revents != 0 || polled[1].revents != 0) {
    for (int turn = 0; turn < share && move_some() == Moved::some; ++turn) {
    }
  }
}

bool Flow::is_drained() {
  for (int turn = 0; turn < share && is_open(); ++turn) {
    const Moved moved = move_some();
    if (moved == Moved::source_is_empty) close();
    if (moved != Moved::some) break;
  }
  return !is_open();
}

void Flow::close() {
  from_.reset();
  to_.reset();
}

Flow::Moved Flow::move_some() {
  if (splices_) {
    const Moved moved = splice_some();
    if (splices_) return moved;
  }
  if (written_ < held_.size()) return pour();
  const Moved moved = fill();
  return moved == Moved::some ? pour() : moved;
}

/// Pages change hands, and no byte is copied. The kernel can do it where one side is a pipe, and
/// not to a file that is open for appending: then splices_ is false afterwards.
Flow::Moved Flow::splice_some() {
  const ssize_t moved = ::splice(from_.get(), nullptr, to_.get(), nullptr, splice_size,
                                 SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  sink_full_ = false;
  if (moved > 0 || (moved == -1 && errno == EINTR)) return Moved::some;
  if (moved == 0) {
    close();
    return Moved::ended;
  }
  if (errno == EPIPE) return sink_failed(EPIPE);
  if (errno != EAGAIN) {
    splices_ = false;  // and if it is no matter of splice(2), read(2) and write(2) will say so
    return Moved::some;
  }
  sink_full_ = is_readable(from_.get());
  return sink_full_ ? Moved::sink_is_full : Moved::source_is_empty;
}

Flow::Moved Flow::fill() {
  held_.resize(buffer_size);
  const ssize_t got = read_now(from_.get(), held_.data(), held_.size());
  const int error = errno;
  held_.resize(got > 0 ? static_cast<size_t>(got) : 0);
  written_ = 0;
  if (remembers_) seen_.insert(seen_.end(), held_.begin(), held_.end());
  if (got > 0) return Moved::some;
  if (got == -1 && (error == EAGAIN || error == EINTR)) return Moved::source_is_empty;
  close();  // the end, or as good as that: EIO of a terminal that was hung up
  return Moved::ended;
}

Flow::Moved Flow::pour() {
  const ssize_t put = write_now(to_.get(), held_.data() + written_, held_.size() - written_);
  sink_full_ = put == -1 && (errno == EAGAIN || errno == EINTR);
  if (sink_full_) return Moved::sink_is_full;
  if (put == -1) return sink_failed(errno);
  written_ += static_cast<size_t>(put);
  return Moved::some;
}

/// The source is closed, so that who writes to it gets SIGPIPE or EPIPE.
Flow::Moved Flow::sink_failed(int error) {
  if (error != EPIPE && error != EBADF) trouble_ = error;  // EBADF: it was closed from the start
  close();
  return Moved::ended;
}

Relay::Relay(Streams outside, bool is_terminal, bool interactive)
    : is_terminal_(is_terminal), input_({}, {}), output_({}, {}), errors_({}, {}) {
  if (is_terminal && outside.out) {
    held_open_ = UniqueFd(::ioctl(outside.out.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (interactive) outside.in = duplicate(outside.out.get());
  }
  if (outside.in) {
    input_ = Flow(callers(STDIN_FILENO, O_RDONLY), ours(std::move(outside.in)));
    if (is_terminal) input_.remember_read();
  }
  output_ = Flow(ours(std::move(outside.out)), callers(STDOUT_FILENO, O_WRONLY));
  errors_ = Flow(ours(std::move(outside.err)), callers(STDERR_FILENO, O_WRONLY));
}

void Relay::add_to(std::vector<pollfd>& polled) const {
  input_.add_to(polled);
  if (!may_read_input()) (polled.end() - 2)->fd = -1;
  output_.add_to(polled);
  errors_.add_to(polled);
}

/// Whether it is our turn at the terminal. A shell's job in the background must not read what is
/// typed for the shell: termios(3), "tcgetpgrp". (read(2) would fail, as we block SIGTTIN.)
bool Relay::may_read_input() const {
  const pid_t foreground = ::tcgetpgrp(STDIN_FILENO);
  return foreground == -1 || foreground == ::getpgrp();
}

/// Nobody tells a job that it has come to the foreground.
int Relay::timeout() const {
  return is_ending_ || (input_.is_open() && !may_read_input()) ? look_again : -1;
}

void Relay::move(const pollfd* polled) {
  const bool had_input = input_.is_open();
  const bool had_output = output_.is_open();
  is_silent_ = std::all_of(polled, polled + 6, [](const pollfd& one) { return one.revents == 0; });
  input_.move(polled);
  output_.move(polled + 2);
  errors_.move(polled + 4);
  if (had_input && !input_.is_open()) give_up(STDIN_FILENO);
  if (had_output && !output_.is_open()) give_up(STDOUT_FILENO);
}

/// A pipe that is empty now has delivered all. A terminal's output comes by a thread of the kernel,
/// and its end is EIO. Only somebody outside who has the terminal open can keep that away.
bool Relay::is_drained() {
  is_ending_ = true;
  held_open_.reset();
  input_.close();
  if (is_terminal_) {
    if (is_silent_ && !output_.waits_for_sink()) output_.close();
    return !output_.is_open();
  }
  const bool output = output_.is_drained();
  return errors_.is_drained() && output;
}

bool Relay::resize() {
  if (!is_terminal_) return false;
  winsize size{};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::ioctl(fd, TIOCGWINSZ, &size) == -1) continue;
    ::ioctl(output_.source(), TIOCSWINSZ, &size);
    break;
  }
  return true;
}

int Relay::typed_signal(pid_t group) {
  if (!is_terminal_ || !input_.is_open()) return 0;
  termios modes{};
  pid_t foreground = -1;
  const std::vector<char> typed = input_.take_read();
  if (typed.empty() || ::tcgetattr(output_.source(), &modes) == -1 || (modes.c_lflag & ISIG) == 0 ||
      ::ioctl(output_.source(), TIOCGPGRP, &foreground) == -1 || foreground != group) {
    return 0;
  }
  for (const char key : typed) {
    if (static_cast<cc_t>(key) == modes.c_cc[VINTR]) return SIGINT;
    if (static_cast<cc_t>(key) == modes.c_cc[VQUIT]) return SIGQUIT;
  }
  return 0;
}

std::string Relay::trouble() const {
  const int error = output_.trouble() != 0 ? output_.trouble() : errors_.trouble();
  if (error == 0) return {};
  return cat("standard ", output_.trouble() != 0 ? "output" : "error",
             " took no more, and the rest of what the program wrote is lost: ", errno_words(error));
}

}  // namespace minirun::ns
