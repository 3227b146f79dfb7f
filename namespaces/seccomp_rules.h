// The system calls that a container may make, by subject.
//
//   not listed      ENOSYS, as from an older kernel: programs then use an older call
//   deny            EPERM, as for a process without the privilege
//   guarded, admin  EPERM; allowed with --cap-add, because the kernel checks the capability itself
//   check_...       depends on one argument
//
// The choice is Docker's default profile less io_uring, AF_ALG and AF_VSOCK. ptrace(2) stays, for
// gdb and strace: since Linux 4.8 it can't be used to get around a filter.
//
// A call of another architecture than minirun's (i386 on x86-64) is killed with SIGSYS: it is a
// second, less tested way into the kernel, and its socketcall(2) has its arguments in memory, where
// a filter can't read them. x32 is the same architecture, but its numbers are above all of ours, so
// it gets ENOSYS.
#pragma once

#include <array>
#include <string_view>

namespace minirun::ns::seccomp_rules {

enum class Rule {
  allow,
  deny,
  guarded,  ///< the kernel itself checks a capability: allowed if the container has more than the
            ///< default ones
  admin,    ///< allowed with CAP_SYS_ADMIN
  check_clone,        ///< argument 0, the flags: no new namespaces. Allowed with CAP_SYS_ADMIN
  check_ioctl,        ///< argument 1, the command: none that types into a terminal
  check_personality,  ///< argument 0: only what setarch(8) needs to look like a plain or a 32-bit
                      ///< Linux
  check_socket,       ///< argument 0, the family: not AF_ALG or AF_VSOCK
};

struct Group {
  Rule rule;
  std::string_view subject;
  std::string_view
      names;  ///< separated by single spaces; one that an architecture doesn't have is passed over
};

inline constexpr auto groups = std::to_array<Group>({
    {Rule::allow, "open files",
     "open openat openat2 creat close close_range dup dup2 dup3 fcntl flock lseek read readv "
     "pread64 preadv preadv2 "
     "write writev pwrite64 pwritev pwritev2 sendfile splice tee vmsplice copy_file_range "
     "readahead fadvise64 fallocate "
     "ftruncate truncate fsync fdatasync sync syncfs sync_file_range sync_file_range2 pipe pipe2"},
    {Rule::allow, "names and metadata",
     "access faccessat faccessat2 chdir fchdir getcwd chroot chmod fchmod fchmodat chown fchown "
     "lchown fchownat link "
     "linkat symlink symlinkat unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir mknod "
     "mknodat readlink "
     "readlinkat getdents getdents64 stat fstat lstat newfstatat statx statfs fstatfs umask utime "
     "utimes futimesat "
     "utimensat getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr "
     "flistxattr removexattr "
     "lremovexattr fremovexattr"},
    {Rule::allow, "waiting and events",
     "select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait "
     "epoll_wait_old epoll_pwait "
     "epoll_pwait2 eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime "
     "timerfd_gettime inotify_init "
     "inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark"},
    {Rule::allow, "asynchronous I/O",
     "io_setup io_submit io_cancel io_getevents io_pgetevents io_destroy"},
    {Rule::allow, "memory",
     "brk mmap munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock "
     "munlockall membarrier "
     "memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect remap_file_pages "
     "process_mrelease"},
    {Rule::allow, "processes and threads",
     "fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid "
     "getpgrp getsid setpgid setsid "
     "set_tid_address set_robust_list get_robust_list set_thread_area get_thread_area arch_prctl "
     "modify_ldt rseq futex "
     "futex_waitv prctl pidfd_open pidfd_send_signal restart_syscall getcpu"},
    {Rule::allow, "debugging, within the container", "ptrace process_vm_readv process_vm_writev"},
    {Rule::allow, "signals",
     "kill tkill tgkill pause alarm rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo "
     "rt_sigreturn rt_sigsuspend "
     "rt_sigtimedwait rt_tgsigqueueinfo sigaltstack"},
    {Rule::allow, "users, groups, capabilities",
     "getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid "
     "setresuid setresgid "
     "setfsuid setfsgid setgroups capget capset"},
    {Rule::allow, "limits and scheduling",
     "getrlimit setrlimit prlimit64 getrusage getpriority setpriority ioprio_get ioprio_set "
     "sched_yield "
     "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_setaffinity "
     "sched_getattr sched_setattr "
     "sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_rr_get_interval"},
    {Rule::allow, "time",
     "time times gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep clock_adjtime "
     "adjtimex getitimer "
     "setitimer timer_create timer_delete timer_getoverrun timer_gettime timer_settime"},
    {Rule::allow, "sockets",
     "socketpair bind listen accept accept4 connect shutdown getsockname getpeername getsockopt "
     "setsockopt sendto recvfrom "
     "sendmsg recvmsg sendmmsg recvmmsg"},
    {Rule::allow, "System V and POSIX IPC, in a namespace of its own",
     "msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget mq_open "
     "mq_unlink mq_notify "
     "mq_getsetattr mq_timedreceive mq_timedsend"},
    {Rule::allow, "the system", "uname sysinfo getrandom"},
    {Rule::allow, "a sandbox inside the sandbox",
     "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self"},

    {Rule::check_clone, "namespaces", "clone"},
    {Rule::check_ioctl, "the terminal", "ioctl"},
    {Rule::check_personality, "execution domain", "personality"},
    {Rule::check_socket, "socket families", "socket"},

    {Rule::admin, "mounts",
     "mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick quotactl "
     "quotactl_fd"},
    {Rule::admin, "namespaces", "unshare setns sethostname setdomainname"},
    {Rule::admin, "programs in the kernel, and looks into it",
     "bpf perf_event_open fanotify_init lookup_dcookie"},
    {Rule::admin, "files without a path: a handle reaches past every mount", "name_to_handle_at"},
    {Rule::guarded, "the same, to open one", "open_by_handle_at"},
    {Rule::guarded, "other processes", "kcmp process_madvise pidfd_getfd"},
    {Rule::guarded, "where memory lies",
     "get_mempolicy set_mempolicy set_mempolicy_home_node mbind"},
    {Rule::guarded, "the kernel's log, accounting and terminals", "syslog acct vhangup"},
    {Rule::guarded, "the clock, which is the machine's", "settimeofday clock_settime"},
    {Rule::guarded, "modules, ports, power",
     "init_module finit_module delete_module ioperm iopl reboot"},

    {Rule::deny, "the root, which only the runner changes", "pivot_root"},
    {Rule::deny, "keyrings, which no namespace divides", "add_key request_key keyctl"},
    {Rule::deny, "page faults served by a program: what makes races in the kernel easy to win",
     "userfaultfd"},
    {Rule::deny, "a second way to every call, and past this filter",
     "io_uring_setup io_uring_enter io_uring_register"},
    {Rule::deny, "another kernel", "kexec_load kexec_file_load"},
    {Rule::deny, "swap, and pages of others", "swapon swapoff move_pages migrate_pages"},
    {Rule::deny, "obsolete",
     "uselib ustat sysfs nfsservctl _sysctl create_module query_module get_kernel_syms"},
});
// clone3(2) is not listed: its flags are in memory, where a filter can't read them. After ENOSYS
// libc uses clone(2). With CAP_SYS_ADMIN all flags are allowed, so clone3(2) is too.
inline constexpr std::string_view admin_only_clone = "clone3";

// For the checks. The kernel looks at the low 32 bits of these arguments only, so the filter must
// too: TIOCSTI | 1 << 32 is TIOCSTI.
inline constexpr unsigned new_namespaces = 0x7e020000;  // CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
inline constexpr unsigned tiocsti = 0x5412;             // types for the user
inline constexpr unsigned tioclinux = 0x541c;           // pastes for the user
// PER_LINUX32 | UNAME26, either or none.
inline constexpr unsigned harmless_personality = 0x0020008;
inline constexpr unsigned query_personality = 0xffffffff;
inline constexpr unsigned af_alg = 38;
inline constexpr unsigned af_vsock = 40;

}  // namespace minirun::ns::seccomp_rules
