// What the child becomes for a moment before it becomes the program: 700 bytes in a sealed
// memfd (memfd_create(2), "File sealing").
//
// While a process runs minirun, its link /proc/PID/exe leads to minirun's own file on the host. A
// program, a #! line or an ELF interpreter that is /proc/self/exe would get hold of it by execve(2)
// and could write to it later (CVE-2019-5736). No check by name helps against who swaps the file
// between check and execve. So the last process to call execve(2) is this one. Its link leads to
// the memfd, which nobody can write to, and which holds nothing but this.
//
// argv: "exec" or "init", the number of a socket, the program's path, and the program's own argv.
// As "init" it stays pid 1, a small init, and the program is its child. Where the program can't be
// executed, the socket gets one packet: errno (an int) and the path. There is no C library in here:
// it would take a hundred times as long to fill and to start as this does.
#include <asm/unistd.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

// The kernel starts a program with argc, argv, a null and envp on the stack: System V ABI, "Process
// Initialization".
#if defined(__x86_64__)
__asm__(
    ".globl _start\n"
    "_start: mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call run\n");

static long system_call(long number, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall"
                   : "+a"(number)
                   : "D"(a), "S"(b), "d"(c), "r"(r10)
                   : "rcx", "r11", "memory");
  return number;
}
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n"
    "_start: mov x0, sp\n"
    "  bl run\n");

static long system_call(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#error "minirun knows how a program begins on x86-64 and on arm64; add your machine's here"
#endif

static void end(int status) {
  for (;;) system_call(__NR_exit_group, status, 0, 0, 0);
}

// Becomes the program, or says why not.
static void execute(int channel, char* path, char** argv, char** envp) {
  int error = (int)-system_call(__NR_execve, (long)path, (long)argv, (long)envp, 0);
  unsigned long length = 0;
  while (path[length] != 0) ++length;
  struct iovec packet[] = {{&error, sizeof error}, {path, length}};
  system_call(__NR_writev, channel, (long)packet, 2, 0);
  end(126);
}

// The kernel's set of signals.
static const unsigned long all_signals = ~0UL;

// The child of an init. At a terminal it gets a group of its own in the foreground, so that Ctrl-C
// is for it alone: init would pass it on a second time.
static void leave_group(void) {
  int group = 0;
  if (system_call(__NR_ioctl, 0, TIOCGPGRP, (long)&group, 0) < 0) return;
  system_call(__NR_setpgid, 0, 0, 0, 0);
  group = (int)system_call(__NR_getpid, 0, 0, 0, 0);
  system_call(__NR_ioctl, 0, TIOCSPGRP, (long)&group, 0);
}

// Pid 1 gets each process whose parent has ended, and has to wait for it: without that it stays a
// zombie (pid_namespaces(7)). All signals are blocked and taken one by one. sigtimedwait(2) would
// unblock them while it waits, and the runner looks whether they are blocked: hence signalfd(2).
// Ends as the program does.
static void be_init(int program) {
  int signals = (int)system_call(__NR_signalfd4, -1, (long)&all_signals, sizeof all_signals, 0);
  for (;;) {
    struct signalfd_siginfo info = {0};
    system_call(__NR_read, signals, (long)&info, sizeof info, 0);
    int signal = (int)info.ssi_signo;
    if (signal > 0 && signal != SIGCHLD) system_call(__NR_kill, program, signal, 0, 0);
    if (signal != SIGCHLD) continue;
    int status = 0;
    int ended = 0;  // several may have ended with one signal
    while ((ended = (int)system_call(__NR_wait4, -1, (long)&status, WNOHANG, 0)) > 0) {
      if (ended == program) end(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
  }
}

__attribute__((noreturn, used)) void run(char** stack) {
  char** argv = stack + 1;
  char** envp = argv + (long)stack[0] + 1;
  // Who got here by /proc/self/exe has no socket for us, and nothing that we would do for it.
  if ((long)stack[0] < 4) end(126);
  char* path = argv[2];
  int channel = 0;
  for (const char* digit = argv[1]; *digit != 0; ++digit) channel = channel * 10 + (*digit - '0');
  system_call(__NR_fcntl, channel, F_SETFD, FD_CLOEXEC, 0);
  if (argv[0][0] == 'i') {
    system_call(__NR_rt_sigprocmask, SIG_BLOCK, (long)&all_signals, 0, sizeof all_signals);
    long program = system_call(__NR_clone, SIGCHLD, 0, 0, 0);
    if (program > 0) {
      system_call(__NR_close, channel, 0, 0, 0);  // its end is the sign that the program runs
      system_call(__NR_prctl, PR_SET_NAME, (long)"init", 0, 0);  // for ps(1)
      be_init((int)program);
    }
    if (program == 0) {
      leave_group();
      const unsigned long none = 0;
      system_call(__NR_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof none);
    }
  }
  execute(channel, path, argv + 3, envp);
  for (;;) {
  }
}
