/* The whole file system of the example image: one static program. */
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void) {
  struct utsname name;
  uname(&name);
  printf("Hello from a container!\n\n");
  printf("I am process %d of %s, and / is an image's layers seen as one tree.\n", (int)getpid(),
         name.nodename);
  printf(
      "What happened before me: minirun verified and unpacked the archive, made namespaces and a "
      "root,\n");
  printf(
      "gave up every power that I don't need, and became me. When I end, nothing of me is left.\n");
  return 0;
}
