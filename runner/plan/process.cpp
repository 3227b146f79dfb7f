// The last steps of the child: it changes its root, gives up powers, and becomes the program.
#include "runner/plan/plan_writer.h"

namespace minirun {

void write_pivot(PlanWriter& to) {
  if (!to.spec.host_uts) {
    to.child("hostname", ns::SetHostname{to.spec.hostname},
             "the new uts namespace began with the host's name; with its own name, prompts and "
             "logs show that they are the container's",
             "uts_namespaces(7)");
  }
  to.child("session", ns::NewSession{},
           "without a controlling terminal nothing inside can type into the caller's shell "
           "(TIOCSTI); with a keyring of its own it has none of the caller's keys",
           "setsid(2), session-keyring(7)");
  to.child("pivot-root", mount::PivotRoot{to.merged},
           "chroot(2) only changes where paths begin, and root can get out of it; pivot_root "
           "changes the root mount of the namespace, and no directory is above that",
           "pivot_root(2)");
  to.child("detach", mount::DetachOldRoot{},
           "the host's root is still mounted, on top of the new one, and the container could "
           "reach every file by /..; now it is unmounted",
           "pivot_root(2), NOTES");
}

namespace {

void write_pipe_streams(PlanWriter& to) {
  if (!to.spec.interactive) {
    to.child("stdin", ns::NullStdin{},
             "without -i the program reads nothing, so it can't take what was typed for the "
             "shell after it",
             "null(4)");
  }
  to.child("streams", ns::UsePipes{to.spec.interactive},
           "the pipes become 0, 1 and 2; after this nothing that the program holds is yours",
           "dup2(2)");
}

}  // namespace

void write_place(PlanWriter& to) {
  if (to.spec.terminal) {
    to.child("use-terminal", ns::UseTerminal{},
             "the terminal becomes 0, 1 and 2, and the session's own: Ctrl-C there is a signal to "
             "the program in its foreground",
             "ioctl_tty(2) \"TIOCSCTTY\", credentials(7)");
  } else {
    write_pipe_streams(to);
  }
  to.child("workdir", ns::ChangeDir{to.spec.working_dir},
           "relative paths begin here; the child enters it while it is root, because WORKDIR "
           "/root with USER app is common, and app may not enter /root",
           "chdir(2), getcwd(3)");
}

namespace {

void write_seccomp(PlanWriter& to) {
  if (!to.spec.filters_calls) return;
  to.child("seccomp",
           ns::InstallSeccomp{.filter = ns::seccomp_filter_for(to.spec.caps),
                              .own = to.spec.seccomp_program},
           to.spec.no_new_privileges
               ? "the kernel has some 400 system calls, and a program needs a quarter of them; "
                 "the filter comes last, because it forbids most of what was done above"
               : "the kernel has some 400 system calls, and a program needs a quarter of them; "
                 "without no_new_privs only CAP_SYS_ADMIN may install a filter, so it comes before "
                 "the capabilities go",
           "seccomp(2)");
}

}  // namespace

void write_privileges(PlanWriter& to) {
  to.child("scheduling", ns::ResetScheduling{},
           "priority and processors are inherited: nice(1) or taskset(1) would make a "
           "different container; a better priority needs a capability, which is dropped "
           "later",
           "sched(7)");
  to.child("limits",
           ns::SetLimits{.limits = to.spec.limits,
                         .exact = to.spec.exact_limits,
                         .oom_score_adj = to.spec.oom_score_adj},
           "limits are inherited: a caller's `ulimit -n 64` would make a different "
           "container; they are set while the child may still raise them",
           "getrlimit(2)");
  if (!to.spec.no_new_privileges) write_seccomp(to);
  to.child("bounding", ns::DropBounding{to.spec.caps},
           "what is not in the bounding set cannot come back through a setuid or capable "
           "file; dropping from it needs a capability, so this comes first",
           "capabilities(7), \"Capability bounding set\"");
  to.child(
      "user",
      ns::SetUser{.uid = to.spec.user.uid, .gid = to.spec.user.gid, .groups = to.spec.user.groups},
      "the program runs as the user of -u or of the image; groups are set before the uid, "
      "because afterwards we may not",
      "setresuid(2), setgroups(2)");
  to.child("caps", ns::SetCapabilities{to.spec.user.uid == 0 ? to.spec.caps : 0},
           "root's power has 41 pieces, and a program in a container needs few of them; the "
           "rest is dropped, because uid 0 inside is uid 0 outside",
           "capabilities(7), \"Thread capability sets\"");
}

void write_program(PlanWriter& to) {
  to.child("reset", ns::ResetProcess{},
           "a program inherits its parent's signal mask and umask across exec; they are set "
           "to what a login gives, and the kernel is told to kill the program when the "
           "runner dies",
           "execve(2), prctl(2) \"PR_SET_PDEATHSIG\"");
  if (to.spec.no_new_privileges) {
    to.child("no-new-privs", ns::NoNewPrivileges{},
             "from now on no exec gives more than the process has: a setuid file in the image "
             "is only a file",
             "Documentation/userspace-api/no_new_privs.rst");
    write_seccomp(to);
  }
  to.child("close-fds", ns::CloseFds{},
           "what the caller left open would be open inside too, and a descriptor is a way "
           "out (CVE-2024-21626); now each one closes at exec",
           "close_range(2)");
  to.child("exec",
           ns::Exec{.argv = to.spec.argv,
                    .env = to.spec.env,
                    .cwd = to.spec.working_dir,
                    .init = to.spec.init},
           "the child becomes the program and stays pid 1; nothing of minirun is left inside, so "
           "nothing of it can be attacked",
           "execve(2), image-spec config.md \"Entrypoint\", \"Cmd\"");
}

}  // namespace minirun
