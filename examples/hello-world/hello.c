/* The first layer of the example image: one static program. */
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

static void print_file(const char *path) {
  char line[256];
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  while (fgets(line, sizeof line, file) != NULL) fputs(line, stdout);
  fclose(file);
}

int main(void) {
  struct utsname name;
  uname(&name);
  printf("Hello from a container!\n\n");
  printf("I am process %d of %s, and / is an image's layers seen as one tree.\n", (int)getpid(),
         name.nodename);
  print_file("/greeting");
  printf(
      "What happened before me: minirun verified and unpacked the archive, made namespaces and\n");
  printf(
      "a root, gave up every power that I don't need, and became me. When I end, nothing of me\n");
  printf("is left.\n");
  return 0;
}
