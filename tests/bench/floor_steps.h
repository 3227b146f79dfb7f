// What the steps of floor.c do, in the order in which they are done. Each returns -1 with errno, as
// a system call does.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp_bpf_c.inc"  // run.sh makes it of minirun's own, so that both hand the kernel the same filter

static int channel;
static char dir[256], merged[512];

static void die(const char* what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  _exit(125);
}
#define MUST(call) ((call) == -1 ? die(#call) : (void)0)

/// A step of the child: wait for the word, do it, report.
#define STEP(call)                                            \
  do {                                                        \
    char go;                                                  \
    if (read(channel, &go, 1) != 1) _exit(125);               \
    MUST(call);                                               \
    const int done = 0;                                       \
    if (write(channel, &done, sizeof done) == -1) _exit(125); \
  } while (0)

static const char* in_merged(const char* path) {
  static char full[2][1024];
  static int which;
  which = !which;
  snprintf(full[which], sizeof full[which], "%s%s", merged, path);
  return full[which];
}

static int write_file(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd == -1 || write(fd, text, strlen(text)) == -1) return -1;
  return close(fd);
}

/// A mount on a directory that is made if it isn't in the image.
static int mount_dir(const char* type, const char* path, unsigned long flags, const char* options) {
  if (mkdir(in_merged(path), 0755) == -1 && errno != EEXIST) return -1;
  return mount(type, in_merged(path), type, flags, options);
}

static int bind_file(const char* name) {
  char source[512], target[512];
  snprintf(source, sizeof source, "%s/%s", dir, name);
  snprintf(target, sizeof target, "/etc/%s", name);
  const int fd = open(in_merged(target), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd == -1 || close(fd) == -1) return -1;
  return mount(source, in_merged(target), NULL, MS_BIND, NULL);
}

static int nodes(void) {
  static const struct {
    const char* path;
    unsigned minor_number, major_number;
  } all[] = {{"/dev/null", 3, 1},   {"/dev/zero", 5, 1},    {"/dev/full", 7, 1},
             {"/dev/random", 8, 1}, {"/dev/urandom", 9, 1}, {"/dev/tty", 0, 5}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i) {
    const char* path = in_merged(all[i].path);
    if (mknod(path, S_IFCHR, makedev(all[i].major_number, all[i].minor_number)) == -1) return -1;
    if (chmod(path, 0666) == -1) return -1;
  }
  return 0;
}

static int links(void) {
  static const char* const all[][2] = {{"/proc/self/fd", "/dev/fd"},
                                       {"/proc/self/fd/0", "/dev/stdin"},
                                       {"/proc/self/fd/1", "/dev/stdout"},
                                       {"/proc/self/fd/2", "/dev/stderr"},
                                       {"pts/ptmx", "/dev/ptmx"}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i) {
    if (symlink(all[i][0], in_merged(all[i][1])) == -1) return -1;
  }
  return 0;
}

static int mask(const char* path) {
  struct stat status;
  const char* target = in_merged(path);
  if (stat(target, &status) == -1) return errno == ENOENT ? 0 : -1;
  if (S_ISDIR(status.st_mode)) {
    return mount("tmpfs", target, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                 "size=0,nr_inodes=2");
  }
  return mount(in_merged("/dev/null"), target, NULL, MS_BIND, NULL);
}

static int read_only(const char* path) {
  const char* target = in_merged(path);
  if (mount(target, target, NULL, MS_BIND | MS_REC, NULL) == -1) return errno == ENOENT ? 0 : -1;
  return mount(NULL, target, NULL,
               MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static int loopback(void) {
  struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd == -1 || ioctl(fd, SIOCSIFFLAGS, &lo) == -1) return -1;
  return close(fd);
}

static const uint64_t kept = 1 << CAP_CHOWN | 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER |
                             1 << CAP_FSETID | 1 << CAP_KILL | 1 << CAP_SETGID | 1 << CAP_SETUID |
                             1 << CAP_SETPCAP | 1 << CAP_NET_BIND_SERVICE | 1 << CAP_SYS_CHROOT |
                             1U << CAP_SETFCAP;

static int bounding(void) {
  for (int cap = 0; cap < 64; ++cap) {
    if ((kept >> cap & 1) == 0 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1) {
      return errno == EINVAL ? 0 : -1;
    }
  }
  return 0;
}

static int user(void) {
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 || syscall(SYS_setgroups, 0, NULL) == -1) return -1;
  return setresgid(0, 0, 0) == -1 ? -1 : setresuid(0, 0, 0);
}

static int capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2] = {{(uint32_t)kept, (uint32_t)kept, 0}, {0, 0, 0}};
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1) return -1;
  return (int)syscall(SYS_capset, &header, sets);
}

static int reset(void) {
  const struct sigaction by_default = {.sa_handler = SIG_DFL};
  for (int number = 1; number < 65; ++number) sigaction(number, &by_default, NULL);
  sigset_t none;
  sigemptyset(&none);
  umask(022);
  return sigprocmask(SIG_SETMASK, &none, NULL) == -1 ? -1
                                                     : prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static int null_stdin(void) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd == -1 ? -1 : dup2(fd, 0);
}

static int filter(void) {
  struct sock_fprog program = {sizeof standard_program / sizeof standard_program[0],
                               (struct sock_filter*)standard_program};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                      &program);
}
