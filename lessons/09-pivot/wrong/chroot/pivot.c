/* usage: pivot NEW COMMAND [ARG...]
 * Makes the mount on NEW the root of this mount namespace, takes the old root out of it, and becomes COMMAND.
 * It is a program of its own because after the first call nothing of the host can be started any more. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3) return 125;

  /* The C library has no function for it. "." twice: the old root is mounted on top of the new one. */
  if (chroot(argv[1]) == -1 || chdir("/") == -1) {
    fprintf(stderr, "pivot: pivot_root %s: %s\n", argv[1], strerror(errno));
    return 125;
  }
  /* The old root is in use, by this program for one. MNT_DETACH takes it out of the table at once all the same. */
  if (chdir("/") == -1) {
    fprintf(stderr, "pivot: the old root: %s\n", strerror(errno));
    return 125;
  }

  execvp(argv[2], argv + 2);
  int number = errno;
  fprintf(stderr, "pivot: %s: %s\n", argv[2], strerror(number));
  return number == ENOENT ? 127 : 126;
}
