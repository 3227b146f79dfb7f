/* usage: escape PATH
 * Run by root in a chroot, prints the file PATH of the host, outside. It needs no /proc and no mount. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 125;

  /* TODO: here / is the chroot's root, and ".." of it is itself. mkdir(2), chroot(2) and chdir(2) lead out. */

  FILE *file = fopen(argv[1], "r");
  if (file == NULL) {
    perror(argv[1]);
    return 1;
  }
  for (int c; (c = getc(file)) != EOF;) putchar(c);
  return 0;
}
