// measure PROGRAM [ARG...]: runs it and prints, on standard error's behalf to descriptor 3, its
// wall time in milliseconds and the peak of its resident memory in kilobytes (getrusage(2), the
// largest of the processes it waited for).
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
  struct timespec start, end;
  struct rusage used;
  int status = 0;
  if (argc < 2) return 125;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const pid_t child = vfork();  // so that the child's peak doesn't begin with a copy of ours
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  if (child == -1 || wait4(child, &status, 0, &used) == -1) return 125;
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double ms =
      (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
  dprintf(3, "%.1f %ld\n", ms, used.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
