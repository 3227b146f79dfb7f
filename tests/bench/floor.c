// The floor that minirun's warm start is measured against: the same container, made by the shortest
// program that can make it. No plan, no errors in words, no choice: every path and flag stands
// where it is used. What minirun does besides is what its comfort costs.
//
//     floor ROOT LOWERDIRS CGROUP PROGRAM [batch]    all of them exist; the container is ROOT/<pid>
//
// It goes in lockstep: the runner sends one byte for each step of the child and waits for its
// errno, as minirun does where somebody listens. With "batch" it sends all at once, as minirun does
// where nobody does. Order and flags are minirun's own.
#define _GNU_SOURCE
#include "floor_steps.h"

static void mounts(const char* lower) {
  const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  char options[2048];
  snprintf(options, sizeof options,
           "lowerdir=%s,upperdir=%s/diff,workdir=%s/"
           "work,redirect_dir=nofollow,metacopy=off,index=off,volatile",
           lower, dir, dir);
  STEP(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  STEP(unshare(CLONE_NEWCGROUP));
  STEP(mount("overlay", merged, "overlay", MS_NODEV, options));
  STEP(mount_dir("proc", "/proc", safe, NULL));
  STEP(mount_dir("sysfs", "/sys", safe | MS_RDONLY, NULL));
  STEP(mount_dir("cgroup2", "/sys/fs/cgroup", safe | MS_RDONLY, NULL));
  STEP(loopback());
  STEP(mount_dir("tmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=755"));
  STEP(nodes());
  STEP(links());
  STEP(mount_dir("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
                 "newinstance,ptmxmode=0666,mode=0620,gid=5"));
  STEP(mount_dir("tmpfs", "/dev/shm", safe, "mode=1777,size=67108864"));
  STEP(mount_dir("mqueue", "/dev/mqueue", safe, NULL));
  STEP(mkdir(in_merged("/etc"), 0755) == -1 && errno != EEXIST ? -1 : 0);
  STEP(bind_file("hosts"));
  STEP(bind_file("hostname"));
  STEP(bind_file("resolv.conf"));
  static const char* const masked[] = {
      "/proc/acpi",        "/proc/asound",  "/proc/interrupts",
      "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
      "/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",
      "/proc/timer_stats", "/sys/firmware", "/sys/devices/virtual/powercap"};
  for (size_t i = 0; i < sizeof masked / sizeof masked[0]; ++i) STEP(mask(masked[i]));
  static const char* const fixed[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                      "/proc/sysrq-trigger"};
  for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; ++i) STEP(read_only(fixed[i]));
}

static void child(const char* lower, char* program) {
  mounts(lower);
  STEP(sethostname("floor", 5));
  STEP(setsid());
  STEP((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL));
  STEP(chdir(merged));
  STEP((int)syscall(SYS_pivot_root, ".", "."));
  STEP(umount2(".", MNT_DETACH));
  STEP(chdir("/"));
  STEP(bounding());
  STEP(user());
  STEP(capabilities());
  STEP(null_stdin());
  STEP(reset());
  STEP(chdir("/"));
  STEP(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  STEP(filter());
  STEP((int)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC));
  char go;
  if (read(channel, &go, 1) != 1) _exit(125);
  char* const argv[] = {program, NULL};
  char* const envp[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  execve(program, argv, envp);
  die("execve");
}

static void remove_below(int parent, const char* name) {
  const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR* entries = fdopendir(fd);
  if (entries == NULL) die("fdopendir");
  for (struct dirent* entry; (entry = readdir(entries)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (entry->d_type == DT_DIR) {
      remove_below(fd, entry->d_name);
    } else {
      MUST(unlinkat(fd, entry->d_name, 0));
    }
  }
  closedir(entries);
  MUST(unlinkat(parent, name, AT_REMOVEDIR));
}

/// The container's directory and the files that are mounted into it.
static void prepare(const char* root) {
  static const char* const dirs[] = {"", "/diff", "/work", "/merged"};
  static const char* const names[] = {"hosts", "hostname", "resolv.conf"};
  static const char* const texts[] = {"127.0.0.1\tlocalhost\n", "floor\n",
                                      "nameserver 127.0.0.1\n"};
  char path[512];
  snprintf(dir, sizeof dir, "%s/%d", root, getpid());
  snprintf(merged, sizeof merged, "%s/merged", dir);
  for (size_t i = 0; i < 4; ++i) {
    snprintf(path, sizeof path, "%s%s", dir, dirs[i]);
    MUST(mkdir(path, i == 1 ? 0755 : 0700));
  }
  for (size_t i = 0; i < 3; ++i) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    MUST(write_file(path, texts[i]));
  }
}

int main(int argc, char** argv) {
  if (argc < 5) return 125;
  const int batch = argc > 5;
  prepare(argv[1]);
  char group[512];
  snprintf(group, sizeof group, "%s/floor-%d", argv[3], getpid());
  MUST(mkdir(group, 0755));
  const int group_fd = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  struct clone_args args = {.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
                                     CLONE_NEWNET | CLONE_INTO_CGROUP,
                            .exit_signal = SIGCHLD,
                            .cgroup = (uint64_t)group_fd};
  const pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  MUST(pid);
  channel = ends[pid != 0];
  close(ends[pid == 0]);
  if (pid == 0) child(argv[2], argv[4]);
  const char all[64] = {0};
  if (batch) MUST(write(channel, all, sizeof all));
  for (int done; batch || write(channel, all, 1) == 1;) {
    if (read(channel, &done, sizeof done) <= 0) break;
  }
  int status = 125;
  MUST(waitpid(pid, &status, 0));
  MUST(rmdir(group));
  remove_below(AT_FDCWD, dir);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
