/* usage: launch COMMAND [ARG...]
 * Runs COMMAND as a child process, waits for its end, and ends as it has ended:
 *
 *   COMMAND exits with N           N
 *   signal N ends COMMAND          128 + N
 *   COMMAND is not found           127, and a message on standard error
 *   COMMAND can't be executed      126, and a message on standard error
 *   launch itself fails            125, and a message on standard error
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 0; /* TODO: nothing to run is a failure of launch's own */

  /* TODO: fork(2) makes a child. The child becomes COMMAND with execvp(3); the parent waits with waitpid(2). */
  (void)argv;
  return 0;
}
