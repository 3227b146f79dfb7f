/* usage: two-views FILE
 * Opens FILE for reading, lets another descriptor write into it, and prints what the first one shows, in two ways. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 125;
  int reader = open(argv[1], O_RDONLY);
  char *map = mmap(NULL, 3, PROT_READ, MAP_SHARED, reader, 0); /* the file as memory */
  if (map == MAP_FAILED) {
    perror(argv[1]);
    return 1;
  }
  printf("before: map %.3s\n", map);

  int writer = open(argv[1], O_WRONLY);
  if (pwrite(writer, "new", 3, 0) == -1) perror("write");

  char text[4] = "";
  if (pread(reader, text, 3, 0) == -1) perror("read");
  printf("after:  map %.3s, read %s\n", map, text);
  return 0;
}
