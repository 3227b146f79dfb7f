#include "namespaces/clone.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <vector>

#include "namespaces/unshare.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

std::string clone_hint(int error, const CloneChild& op);

}  // namespace

// LESSON: clone
void CloneChild::apply(Live& live) const {
  // Whoever is in the container may come to see this process (--pid host) or a child that has not
  // yet exec'ed. Not dumpable: ptrace(2) and /proc/PID/{fd,mem,root} of them need CAP_SYS_PTRACE
  // (proc(5), /proc/PID).
  check(::prctl(PR_SET_DUMPABLE, 0), "prctl PR_SET_DUMPABLE");
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  UniqueFd host_end(ends[0]);
  UniqueFd child_end(ends[1]);

  int pidfd = -1;
  struct clone_args args {};
  args.flags = flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  UniqueFd cgroup_fd;
  if (!cgroup.empty()) {
    cgroup_fd = files::open_at(AT_FDCWD, cgroup, O_PATH | O_DIRECTORY);
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<uint64_t>(cgroup_fd.get());
  }
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid == -1) {
    const int error = errno;
    throw SysError(error, cat("clone3 ", clone_flag_names(flags)), clone_hint(error, *this));
  }
  live.child = static_cast<pid_t>(pid);
  if (pid == 0) {
    live.channel = std::move(child_end);
    live.lock.reset();
  } else {
    live.child_pidfd = UniqueFd(pidfd);
    live.channel = std::move(host_end);
    for (const std::string& group : v1_cgroups) {
      files::write_existing(group + "/cgroup.procs", std::to_string(pid));
    }
  }
}

// A shell can't change its own namespaces, so unshare(1) makes those of the child's first steps too
// ($namespaces). What the shell in them starts is pid 1, and reads the script again; `exit` keeps
// it from becoming that itself. (unshare --fork would be one process less, but before 2.39 it says
// 1 of a program that was killed by KILL.) A signal to the whole group, as Ctrl-C is, must not end
// it. A part of the first shell moves itself into the cgroup, so that all below it begins there.
std::string CloneChild::shell() const {
  std::string join;
  std::vector<std::string> groups = v1_cgroups;
  if (!cgroup.empty()) groups.insert(groups.begin(), cgroup);
  for (const std::string& group : groups) {
    join +=
        cat("  echo 0 > ", shell_quote(group + "/cgroup.procs"), "  # 0 is whoever writes it\n");
  }
  const std::string unshare = cat("setpriv --pdeathsig KILL unshare", unshare_options(flags),
                                  " \\\n    $namespaces --propagation unchanged sh -c ");
  const std::string start =
      terminal ? cat("  export namespaces file=\"$0\" SHELL=/bin/sh\n"
                     "  exec env --default-signal setpriv --pdeathsig KILL script -qefc '\n"
                     "    exec ",
                     unshare,
                     "\"trap : HUP INT QUIT TERM\n"
                     "      setpriv --pdeathsig KILL sh \\\"\\$file\\\" child\n"
                     "      exit \\$?\"' /dev/null\n")
               : cat("  exec env --default-signal ", unshare,
                     "'trap : HUP INT QUIT TERM\n"
                     "      setpriv --pdeathsig KILL sh \"$0\" child\n"
                     "      exit $?' \"$0\"\n");
  return cat(
      "exec 3<&0  # in the background a shell reads /dev/null and ignores Ctrl-C: not so here\n(\n",
      join, start, ") <&3 3<&- 8<&- &\nchild=$!\nexec 3<&-");
}

std::vector<std::string> CloneChild::calls() const {
  std::string args = cat(
      "{flags=CLONE_PIDFD|", clone_flag_names(flags), cgroup.empty() ? "" : "|CLONE_INTO_CGROUP",
      ", pidfd=", unknown("where to put it"), ", exit_signal=SIGCHLD, stack=NULL, stack_size=0");
  if (!cgroup.empty()) args += cat(", cgroup=", unknown(cgroup));
  std::vector<std::string> list = {
      call("prctl", "PR_SET_DUMPABLE", "SUID_DUMP_DISABLE"),
      call("socketpair", "AF_UNIX", "SOCK_SEQPACKET|SOCK_CLOEXEC", 0,
           cat("[", unknown("the host's end"), ", ", unknown("the child's end"), "]")),
      call("clone3", args + "}", sizeof(struct clone_args))};
  for (const std::string& group : v1_cgroups) {
    list.push_back(call("write", unknown(group + "/cgroup.procs"),
                        cat("\"", unknown("the child's pid"), "\""), unknown("its length")));
  }
  return list;
}

std::string CloneChild::look() const {
  return cat("grep NSpid /proc/$PID/status; ", look_at_namespaces(flags));
}

void CloneChild::undo(Live& live) const {
  if (live.child <= 0) return;
  // Killing pid 1 of a pid namespace kills all in it, and waitid returns only when they are gone
  // (pid_namespaces(7), "The namespace init process"): nothing of the container is alive after
  // this.
  ::syscall(SYS_pidfd_send_signal, live.child_pidfd.get(), SIGKILL, nullptr, 0);
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(live.child_pidfd.get()), &info, WEXITED) == -1 &&
         errno == EINTR) {
  }
  live.child = -1;
  live.channel.reset();
}

std::string CloneChild::undo_shell() const {
  return "if [ -n \"$child\" ]; then\n  kill -KILL \"$child\"\n  wait \"$child\" 2> /dev/null\nfi";
}

namespace {

std::string clone_hint(int error, const CloneChild& op) {
  switch (error) {
    case EINVAL:
      return "this kernel lacks one of the namespaces, or is older than 5.12; see namespaces(7)";
    case ENOSPC:
    case EUSERS:
      return "a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces";
    case EAGAIN:
      return "a limit on processes is reached: see ulimit -u, /proc/sys/kernel/pid_max and "
             "pids.max of the cgroup";
    case EBUSY:
      return cat("the cgroup ", op.cgroup,
                 " has controllers enabled below it, so it can have no processes");
    case EOPNOTSUPP:
      return cat("the cgroup ", op.cgroup,
                 " is \"domain invalid\": a group above it is threaded, or has both processes and "
                 "controllers. Start minirun in a group of its own inside it; see cgroup.type in "
                 "it, and cgroups(7)");
    case EACCES:
      if (op.cgroup.empty()) return {};
      return cat("only a user who may write cgroup.procs in ", op.cgroup,
                 " and in the nearest common parent of both groups can put a process there: "
                 "cgroups(7), \"Cgroup delegation\"");
    case ENOSYS:
      return "a seccomp filter hides clone3 here, as inside most containers; run minirun on the "
             "host itself or in a VM";
    default:
      return {};
  }
}

}  // namespace

}  // namespace minirun::ns
