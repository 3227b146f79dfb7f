/* usage: pivot [--init | --tty] [--workdir DIR] [--user UID:GID:GROUP,...] NEW COMMAND [ARG...]
 * Makes the mount on NEW the root of this mount namespace, takes the old root out of it, and becomes COMMAND.
 * With --init it stays process 1, and COMMAND is its child. With --tty it also gives COMMAND a terminal of
 * the container's own, and carries what is typed and printed between that and the terminal it was called in.
 * COMMAND has a part of root's powers only, whoever it is.
 * COMMAND begins in DIR, which is made if it is missing, as this user. */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char *workdir = "/";
static const char *user; /* "1000:1000:1000,2000", or NULL */

/* Makes the directory if the image lacks it. That is done after the pivot, where no link of the image's leads out. */
static int enter(const char *dir) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s", dir);
  for (char *slash = path; (slash = strchr(slash + 1, '/'));) {
    *slash = 0;
    mkdir(path, 0755); /* chdir tells what went wrong, if it is not there already */
    *slash = '/';
  }
  mkdir(path, 0755);
  return chdir(path);
}

/* Groups first: who is no longer root may not choose them. */
static int become_user(void) {
  gid_t groups[64];
  size_t count = 0;
  char *rest;
  uid_t uid = strtoul(user, &rest, 10);
  gid_t gid = strtoul(rest + 1, &rest, 10);
  while (*rest && count < 64) groups[count++] = strtoul(rest + 1, &rest, 10);
  if (setgroups(count, groups) == -1 || setresgid(gid, gid, gid) == -1) return -1;
  return setresuid(uid, uid, uid);
}

static int become(char **argv) {
  /* The directory first: root may enter one that the user may not. */
  if (enter(workdir) == -1) {
    fprintf(stderr, "pivot: %s: %s\n", workdir, strerror(errno));
    return 125;
  }
  if (user && become_user() == -1) {
    fprintf(stderr, "pivot: user %s: %s\n", user, strerror(errno));
    return 125;
  }
  execvp(argv[0], argv);
  int number = errno;
  fprintf(stderr, "pivot: %s: %s\n", argv[0], strerror(number));
  return number == ENOENT ? 127 : 126;
}

static pid_t child;

static void pass_on(int number) { kill(child, number); }

/* Any child: orphans come here, too. When COMMAND has ended so do we, and the kernel kills what is left. */
static int wait_for_it(void) {
  int status;
  pid_t ended;
  while ((ended = wait(&status)) != child) {
    if (ended == -1 && errno != EINTR) return 125;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A process 1 that does what the kernel expects of one: to have handlers for signals, and to wait for orphans. */
static int init(char **argv) {
  child = fork();
  if (child == -1) {
    perror("pivot: fork");
    return 125;
  }
  if (child == 0) return become(argv);

  signal(SIGTERM, pass_on);
  signal(SIGINT, pass_on);
  signal(SIGHUP, pass_on);
  return wait_for_it();
}

/* Carries bytes between our own 0 and 1 and the terminal's other end, until nobody uses that terminal any more. Orphans that
 * end meanwhile are reaped after that. */
static void relay(int master) {
  struct pollfd ends[] = {{0, POLLIN, 0}, {master, POLLIN, 0}};
  char text[4096];
  ssize_t n;
  for (;;) {
    if (poll(ends, 2, -1) == -1) continue; /* a signal */
    if (ends[0].revents) {
      n = read(0, text, sizeof text);
      if (n <= 0) {
        ends[0].fd = -1; /* nothing more will be typed: Ctrl-D */
        text[0] = 4;
        n = 1;
      }
      if (write(master, text, n) == -1) break;
    }
    if (ends[1].revents) {
      n = read(master, text, sizeof text);
      if (n <= 0 || write(1, text, n) == -1) break; /* nobody has the other end open any more */
    }
  }
}

/* The same with a terminal. forkpty opens /dev/ptmx, which is the container's now. In the child it makes a new session, whose
 * terminal is the new one. */
static int terminal(char **argv) {
  struct termios own;
  struct winsize size;
  int has_size = ioctl(0, TIOCGWINSZ, &size) == 0;
  int has_terminal = tcgetattr(0, &own) == 0;
  int master;
  child = forkpty(&master, NULL, has_terminal ? &own : NULL, has_size ? &size : NULL);
  if (child == -1) {
    perror("pivot: forkpty");
    return 125;
  }
  if (child == 0) return become(argv);

  signal(SIGTERM, pass_on);
  signal(SIGHUP, pass_on);
  if (has_terminal) {
    struct termios raw = own;
    cfmakeraw(&raw); /* the inner terminal echoes, and makes a signal of Ctrl-C: ours must not */
    tcsetattr(0, TCSADRAIN, &raw);
  }
  relay(master);
  if (has_terminal) tcsetattr(0, TCSADRAIN, &own);
  return wait_for_it();
}

#if defined(__x86_64__)
#define OURS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OURS AUDIT_ARCH_AARCH64
#endif

/* One line of the filter: if the call has this number, it fails with this error. */
#define REFUSE(call, error)                              \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* What stays of root's powers. */
static const int kept[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,           CAP_FSETID,     CAP_KILL,   CAP_SETGID,
    CAP_SETUID, CAP_SETPCAP,      CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_SETFCAP};

static int drop_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{0, 0, 0}, {0, 0, 0}};
  unsigned long long keep = 0;
  for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) keep |= 1ULL << kept[i];

  /* The upper limit first, because that needs a capability. The first number that the kernel does not know ends the loop. */
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
    if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1) return -1;
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1) return -1;
  for (int half = 0; half < 2; half++)
    sets[half].effective = sets[half].permitted = keep >> (32 * half);
  return syscall(SYS_capset, &header, sets);
}

static int filter_calls(void) {
  struct sock_filter program[] = {
      /* The same number is another call on another architecture, so that is asked first. */
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      /* x86 has every call a second time, with this bit set. */
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      REFUSE(unshare, EPERM),
      REFUSE(setns, EPERM),
      REFUSE(mount, EPERM),
      REFUSE(umount2, EPERM),
      REFUSE(pivot_root, EPERM),
      REFUSE(keyctl, EPERM),
      REFUSE(add_key, EPERM),
      REFUSE(request_key, EPERM),
      REFUSE(bpf, EPERM),
      REFUSE(perf_event_open, EPERM),
      REFUSE(open_by_handle_at, EPERM),
      REFUSE(kexec_load, EPERM),
      REFUSE(init_module, EPERM),
      REFUSE(finit_module, EPERM),
      REFUSE(delete_module, EPERM),
      REFUSE(reboot, EPERM),
      /* Its flags are behind a pointer, where no filter can look. The C library then takes clone. */
      REFUSE(clone3, ENOSYS),
      /* clone has them in its first argument. */
      REFUSE(clone, EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog handed = {sizeof program / sizeof program[0], program};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &handed);
}

/* The filter needs no_new_privs, because CAP_SYS_ADMIN is gone by then. */
static int confine(void) {
  if (drop_capabilities() == -1) return -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1) return -1;
  return filter_calls();
}

int main(int argc, char **argv) {
  int with_init = 0, with_terminal = 0;
  if (argc < 3) return 125;
  for (argv++; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
    if (strcmp(*argv, "--init") == 0) {
      with_init = 1;
    } else if (strcmp(*argv, "--tty") == 0) {
      with_terminal = 1;
    } else if (strcmp(*argv, "--workdir") == 0 && argv[1]) {
      workdir = *++argv;
    } else if (strcmp(*argv, "--user") == 0 && argv[1]) {
      user = *++argv;
    } else {
      return 125;
    }
  }
  if (!argv[0] || !argv[1]) return 125;

  /* The C library has no function for it. "." twice: the old root is mounted on top of the new one. */
  if (chdir(argv[0]) == -1 || syscall(SYS_pivot_root, ".", ".") == -1) {
    fprintf(stderr, "pivot: pivot_root %s: %s\n", argv[0], strerror(errno));
    return 125;
  }
  /* The old root is in use, by this program for one. MNT_DETACH takes it out of the table at once all the same. */
  if (umount2(".", MNT_DETACH) == -1 || chdir("/") == -1) {
    fprintf(stderr, "pivot: the old root: %s\n", strerror(errno));
    return 125;
  }
  if (confine() == -1) {
    fprintf(stderr, "pivot: powers: %s\n", strerror(errno));
    return 125;
  }
  if (with_terminal) return terminal(argv + 1);
  return with_init ? init(argv + 1) : become(argv + 1);
}
