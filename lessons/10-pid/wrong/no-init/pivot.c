/* usage: pivot [--init] NEW COMMAND [ARG...]
 * Makes the mount on NEW the root of this mount namespace, takes the old root out of it, and becomes COMMAND.
 * With --init it stays process 1, and COMMAND is its child. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int become(char **argv) {
  execvp(argv[0], argv);
  int number = errno;
  fprintf(stderr, "pivot: %s: %s\n", argv[0], strerror(number));
  return number == ENOENT ? 127 : 126;
}

static pid_t child;

static void pass_on(int number) { kill(child, number); }

/* A process 1 that does what the kernel expects of one: to have handlers for signals, and to wait for orphans. */
__attribute__((unused)) static int init(char **argv) {
  child = fork();
  if (child == -1) {
    perror("pivot: fork");
    return 125;
  }
  if (child == 0) return become(argv);

  signal(SIGTERM, pass_on);
  signal(SIGINT, pass_on);
  signal(SIGHUP, pass_on);

  /* Any child: orphans come here, too. When COMMAND has ended so do we, and the kernel kills what is left. */
  int status;
  pid_t ended;
  while ((ended = wait(&status)) != child) {
    if (ended == -1 && errno != EINTR) return 125;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv) {
  int with_init = argc > 1 && strcmp(argv[1], "--init") == 0;
  argv += 1 + with_init;
  argc -= 1 + with_init;
  if (argc < 2) return 125;

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
  return become(argv + 1);
}
