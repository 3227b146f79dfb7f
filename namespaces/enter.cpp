#include "namespaces/enter.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <optional>

#include "namespaces/elf.h"
#include "namespaces/memfd.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::ns {
namespace {

/// A copy of the host's busybox in memory, so that not even root inside can reach the file itself
/// (CVE-2019-5736); nullopt where there is no static one.
UniqueFd static_shell() {
  for (const char* path : {"/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"}) {
    const auto program = files::open_if_exists(AT_FDCWD, path, O_RDONLY);
    if (!program || elf_interpreter(program->get()) != "") continue;  // not static
    UniqueFd copy = make_program_memory("busybox");
    while (check(::sendfile(copy.get(), program->get(), nullptr, 1 << 24), "copy ", path) > 0) {
    }
    seal(copy.get());
    return copy;
  }
  return {};
}

[[noreturn]] void give_up(const char* what) {
  const std::string line = cat("minirun: ", what, ": ", errno_words(errno), "\n");
  static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()) == 0);
  ::_exit(125);
}

void must(long result, const char* what) {
  if (result == -1) give_up(what);
}

/// What a shell on that terminal needs: its three descriptors, and no signal blocked or ignored.
void take_terminal(int tty) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) must(::dup2(tty, fd), "dup2");
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

/// Runs `body`, which never returns, in a process of its own and waits for that. `why` is what the
/// exit status 125 means.
std::string run_and_wait(int tty, const std::function<void()>& body) {
  const pid_t pid = check(::fork(), "fork");
  if (pid == 0) {
    take_terminal(tty);
    body();
    ::_exit(125);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  // A shell with job control leaves the terminal to its own process group. SIGTTOU is blocked here.
  ::tcsetpgrp(tty, ::getpgrp());
  return WIFEXITED(status) && WEXITSTATUS(status) == 125 ? "the shell could not be started" : "";
}

/// In a process of its own: becomes the shell, or says why not.
[[noreturn]] void become_shell(int program) {
  const char* term = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string term_variable = cat("TERM=", term == nullptr ? "dumb" : term);
  std::array<char*, 2> argv = {const_cast<char*>("sh"), nullptr};
  std::array<char*, 6> env = {
      const_cast<char*>("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
      const_cast<char*>("PS1=inside \\w # "),
      const_cast<char*>("HOME=/"),
      const_cast<char*>(term_variable.c_str()),
      nullptr,
      nullptr};
  if (program != -1) {
    ::syscall(SYS_execveat, program, "", argv.data(), env.data(), AT_EMPTY_PATH);
    give_up("execveat busybox");
  }
  ::execve("/bin/sh", argv.data(), env.data());
  give_up("no static busybox on the host (apt install busybox-static), and /bin/sh");
}

/// In a process of its own: goes where the container's first process is.
[[noreturn]] void enter(int pidfd, int root, int cwd, int cgroup_procs, int program) {
  if (cgroup_procs != -1) must(::write(cgroup_procs, "0", 1), "join the cgroup");
  const int kinds =
      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
  must(::setns(pidfd, kinds), "setns");
  // setns(2) takes us to the mount namespace's own root, which is not the process's while the old
  // root is still mounted over it.
  must(::fchdir(root), "fchdir");
  must(::chroot("."), "chroot");
  must(::fchdir(cwd), "fchdir");
  const pid_t pid = ::fork();  // only those born after setns are in the pid namespace: setns(2)
  must(pid, "fork");
  if (pid == 0) become_shell(program);
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
}

}  // namespace

std::string run_shell_inside(const Live& live, int tty, const std::string& cgroup) {
  if (live.child <= 0) return "there is no container yet: step clone makes its first process";
  const std::string proc = cat("/proc/", live.child);
  const auto root = files::open_if_exists(AT_FDCWD, proc + "/root", O_PATH | O_DIRECTORY);
  const auto cwd = files::open_if_exists(AT_FDCWD, proc + "/cwd", O_PATH | O_DIRECTORY);
  if (!root || !cwd) return "the program has ended already";
  UniqueFd procs;
  if (!cgroup.empty()) procs = files::open_at(AT_FDCWD, cgroup + "/cgroup.procs", O_WRONLY);
  const UniqueFd shell = static_shell();
  return run_and_wait(tty, [&] {
    enter(live.child_pidfd.get(), root->get(), cwd->get(), procs.get(), shell.get());
  });
}

std::string run_shell_on_host(int tty) {
  const char* chosen = std::getenv("SHELL");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string shell = chosen == nullptr || *chosen == '\0' ? "/bin/sh" : chosen;
  return run_and_wait(tty, [&] {
    ::execl(shell.c_str(), shell.c_str(), static_cast<char*>(nullptr));
    give_up(shell.c_str());
  });
}

}  // namespace minirun::ns
