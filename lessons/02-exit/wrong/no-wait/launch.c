/* usage: launch COMMAND [ARG...]
 * Runs COMMAND as a child process, waits for its end, and ends as it has ended. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { own_failure = 125, not_executable = 126, not_found = 127 };

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: launch COMMAND [ARG...]\n");
    return own_failure;
  }
  pid_t child = fork();
  if (child == -1) {
    perror("launch: fork");
    return own_failure;
  }
  if (child == 0) {
    execvp(argv[1], argv + 1);
    /* Only here if that failed. It is the child that knows why, and an exit status is all that it can tell. */
    int why = errno;
    fprintf(stderr, "launch: %s: %s\n", argv[1], strerror(why));
    _exit(why == ENOENT ? not_found : not_executable);
  }
  return 0;
}
