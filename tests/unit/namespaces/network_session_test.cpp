#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "namespaces/network.h"
#include "namespaces/session.h"
#include "namespaces/streams.h"
#include "namespaces/uts.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"

namespace minirun::ns {

namespace {

constexpr int could_not_try = 77;

/// Runs in a child of its own and returns its exit status: 0 if it held, 1 if not.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A user namespace gives a process without root its own network and hostname, where the machine
/// allows that.
bool enter_own(int namespaces) { return ::unshare(CLONE_NEWUSER | namespaces) == 0; }

}  // namespace

TEST_CASE(
    "loopback is down in a new network namespace, and up after the step, with its addresses") {
  const int result = in_child([] {
    if (!enter_own(CLONE_NEWNET)) return could_not_try;
    Live live;
    const auto bound = [] {
      const UniqueFd first(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      return ::listen(first.get(), 1) == 0;
    };
    const auto is_up = [] {
      return files::read_file(AT_FDCWD, "/proc/self/net/fib_trie").find("127.0.0.1") !=
             std::string::npos;
    };
    const bool before = is_up();
    LoopbackUp{}.apply(live);
    LoopbackUp{}.apply(live);  // and again does no harm
    return !before && is_up() && bound() ? 0 : 1;
  });
  CHECK((result == 0 || result == could_not_try));
}

TEST_CASE("the hostname is set, and one that is too long is explained") {
  const int result = in_child([] {
    if (!enter_own(CLONE_NEWUTS)) return could_not_try;
    Live live;
    SetHostname{"minirun-test"}.apply(live);
    const bool set = files::read_file(AT_FDCWD, "/proc/sys/kernel/hostname") == "minirun-test\n";
    try {
      SetHostname{std::string(65, 'a')}.apply(live);
    } catch (const SysError& error) {
      return set && error.number() == EINVAL && !error.hint().empty() ? 0 : 1;
    }
    return 1;
  });
  CHECK((result == 0 || result == could_not_try));
  CHECK(SetHostname{"-x y"}.shell() == "printf '%s\\n' '-x y' > /proc/sys/kernel/hostname");
}

TEST_CASE("case 88: the session and the session keyring are the process's own") {
  CHECK(in_child([] {
          const auto session_keyring = [] { return files::read_file(AT_FDCWD, "/proc/keys"); };
          const std::string before = session_keyring();
          Live live;
          NewSession{}.apply(live);
          return ::getsid(0) == ::getpid() && session_keyring() != before ? 0 : 1;
        }) == 0);
}

TEST_CASE("a session can't be made by one who leads a process group, and that is an error") {
  CHECK(in_child([] {
          Live live;
          NewSession{}.apply(live);
          try {
            NewSession{}.apply(live);
          } catch (const SysError& error) {
            return error.number() == EPERM ? 0 : 1;
          }
          return 1;
        }) == 0);
}

TEST_CASE("case 82: blocked and ignored signals and the umask don't leak in") {
  CHECK(in_child([] {
          sigset_t all;
          ::sigfillset(&all);
          ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
          for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGCHLD})
            ::signal(signal, SIG_IGN);
          ::umask(0077);
          Live live;
          ResetProcess{}.apply(live);
          const std::string status = files::read_file(AT_FDCWD, "/proc/self/status");
          const auto is_empty = [&status](const char* field) {
            return status.find(std::string(field) + ":\t0000000000000000\n") != std::string::npos;
          };
          int death_signal = 0;
          ::prctl(PR_GET_PDEATHSIG, &death_signal, 0, 0, 0);
          return is_empty("SigBlk") && is_empty("SigIgn") && is_empty("SigCgt") &&
                         ::umask(0) == 022 && death_signal == SIGKILL
                     ? 0
                     : 1;
        }) == 0);
}

TEST_CASE(
    "case 89: a runner that has died meanwhile is noticed, a living one is not taken for dead") {
  CHECK(in_child([] {
          int ends[2] = {-1, -1};
          ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
          Live live;
          live.channel = UniqueFd(ends[0]);
          ResetProcess{}.apply(live);
          ::close(ends[1]);
          try {
            ResetProcess{}.apply(live);
          } catch (const Error&) {
            return 0;
          }
          return 1;
        }) == 0);
}

TEST_CASE("standard input is at its end and nothing that was typed before") {
  CHECK(in_child([] {
          int pipe_ends[2] = {-1, -1};
          if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return 1;
          ::dup2(pipe_ends[0], STDIN_FILENO);
          Live live;
          NullStdin{}.apply(live);
          char byte = 0;
          const bool inherited = (::fcntl(STDIN_FILENO, F_GETFD) & FD_CLOEXEC) == 0;
          return ::read(STDIN_FILENO, &byte, 1) == 0 && inherited ? 0 : 1;
        }) == 0);
}

}  // namespace minirun::ns
