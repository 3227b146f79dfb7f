// What the child becomes for a moment before it becomes the program: 700 bytes in a sealed
// memfd (memfd_create(2), "File sealing").
//
// While a process runs minirun, its link /proc/PID/exe leads to minirun's own file on the host. A
// program, a #! line or an ELF interpreter that is /proc/self/exe would get hold of it by execve(2)
// and could write to it later (CVE-2019-5736). No check by name helps against who swaps the file
// between check and execve. So the last process to call execve(2) is this one. Its link leads to
// the memfd, which nobody can write to, and which holds nothing but this.
//
// argv: the number of a socket, the program's path, and the program's own argv. Where the program
// can't be executed, the socket gets one packet: errno (an int) and the path. There is no C library
// in here: it would take a hundred times as long to fill and to start as this does.
#include <asm/unistd.h>
#include <fcntl.h>
#include <sys/uio.h>

// The kernel starts a program with argc, argv, a null and envp on the stack: System V ABI, "Process
// Initialization".
#if defined(__x86_64__)
__asm__(
    ".globl _start\n"
    "_start: mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call run\n");

static long system_call(long number, long a, long b, long c) {
  __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return number;
}
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n"
    "_start: mov x0, sp\n"
    "  bl run\n");

static long system_call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#else
#error "minirun knows how a program begins on x86-64 and on arm64; add your machine's here"
#endif

__attribute__((noreturn, used)) void run(char** stack) {
  char** argv = stack + 1;
  char** envp = argv + (long)stack[0] + 1;
  // Who got here by /proc/self/exe has no socket for us, and nothing that we would do for it.
  if ((long)stack[0] < 3) system_call(__NR_exit_group, 126, 0, 0);
  char* path = argv[1];
  int channel = 0;
  for (const char* digit = argv[0]; *digit != 0; ++digit) channel = channel * 10 + (*digit - '0');
  system_call(__NR_fcntl, channel, F_SETFD, FD_CLOEXEC);
  int error = (int)-system_call(__NR_execve, (long)path, (long)(argv + 2), (long)envp);
  unsigned long length = 0;
  while (path[length] != 0) ++length;
  struct iovec packet[] = {{&error, sizeof error}, {path, length}};
  system_call(__NR_writev, channel, (long)packet, 2);
  for (;;) system_call(__NR_exit_group, 126, 0, 0);
}
