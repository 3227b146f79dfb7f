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

  /* TODO: this is chroot, as before. The C library has no function for pivot_root: syscall(SYS_pivot_root, NEW, OLD) */
  if (chroot(argv[1]) == -1 || chdir("/") == -1) {
    fprintf(stderr, "pivot: %s: %s\n", argv[1], strerror(errno));
    return 125;
  }

  execvp(argv[2], argv + 2);
  int number = errno;
  fprintf(stderr, "pivot: %s: %s\n", argv[2], strerror(number));
  return number == ENOENT ? 127 : 126;
}
