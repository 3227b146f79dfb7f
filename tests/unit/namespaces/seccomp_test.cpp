// What the compiled filter promises. It is interpreted here, and installed only in a child.
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/namespaces/seccomp_bpf.h"

namespace minirun::ns {

namespace {

constexpr uint32_t x32_bit = 0x40000000;

}  // namespace

TEST_CASE("a number that no rule names gets ENOSYS, each that one names what it says") {
  const auto filter = GENERATE(from_range(all_filters));
  const auto known = rules_by_number();
  CHECK(known.size() > 250);
  for (uint32_t number = 0; number <= 600; ++number) {
    if (filter == SeccompFilter::sys_admin && number == number_of("clone3")) continue;
    const auto rule = known.find(number);
    const uint32_t expected = rule == known.end()                       ? enosys
                              : is_allowed_unseen(rule->second, filter) ? allowed
                                                                        : eperm;
    INFO(number);
    CHECK(interpret(seccomp_program(filter), make_call(number)) == expected);
  }
}

TEST_CASE("a call of another architecture kills the process, whatever its number") {
  for (const uint32_t arch : {0U, 1U, uint32_t{AUDIT_ARCH_I386}, uint32_t{AUDIT_ARCH_ARM},
                              uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_AARCH64}, ~0U}) {
    if (arch == native_token()) continue;
    for (const auto filter : all_filters) {
      for (uint32_t number = 0; number <= 600; ++number) {
        CHECK(interpret(seccomp_program(filter), make_call(number, {}, arch)) == killed);
      }
    }
  }
}

TEST_CASE("x32 calls get ENOSYS, as from a kernel without x32") {
  for (const auto filter : all_filters) {
    for (uint32_t number = 0; number <= 600; ++number) {
      CHECK(interpret(seccomp_program(filter), make_call(number | x32_bit)) == enosys);
    }
    CHECK(interpret(seccomp_program(filter), make_call(~0U)) == enosys);
  }
}

TEST_CASE("case 85: TIOCSTI and TIOCLINUX are refused, with any high bits too") {
  for (const uint64_t high :
       {uint64_t{0}, uint64_t{1} << 32, uint64_t{1} << 63, ~uint64_t{0} << 32}) {
    CHECK(answer("ioctl", {0, 0x5412 | high}) == eperm);
    CHECK(answer("ioctl", {0, 0x541c | high}) == eperm);
    CHECK(answer("ioctl", {0, 0x5413 | high}) == allowed);  // TIOCGWINSZ
  }
}

TEST_CASE("case 87: AF_VSOCK and AF_ALG sockets are refused, the others are not") {
  for (const uint64_t high : {uint64_t{0}, uint64_t{1} << 32}) {
    CHECK(answer("socket", {AF_VSOCK | high, 0}) == eperm);
    CHECK(answer("socket", {AF_ALG | high, 0}) == eperm);
  }
  for (const uint64_t family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET}) {
    CHECK(answer("socket", {family, 0}) == allowed);
  }
}

TEST_CASE("new namespaces are refused however they are asked for, plain fork and threads are not") {
  for (const uint64_t flag : {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                              CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
    CHECK(answer("clone", {flag | SIGCHLD, 0}) == eperm);
  }
  CHECK(answer("clone", {SIGCHLD, 0}) == allowed);
  CHECK(answer("clone", {0x3d0f00, 0}) == allowed);  // what pthread_create(3) asks for
  CHECK(answer("unshare") == eperm);
  CHECK(answer("setns") == eperm);
  CHECK(answer("clone3") == enosys);  // so that libc falls back to clone
}

TEST_CASE("known dangerous calls get EPERM, and what programs live on is allowed") {
  for (const char* name :
       {"mount",      "umount2",      "pivot_root",      "move_mount",     "open_tree",
        "fsopen",     "bpf",          "perf_event_open", "userfaultfd",    "keyctl",
        "add_key",    "request_key",  "io_uring_setup",  "io_uring_enter", "open_by_handle_at",
        "kexec_load", "init_module",  "delete_module",   "reboot",         "swapon",
        "acct",       "settimeofday", "sethostname",     "syslog"}) {
    INFO(name);
    CHECK(answer(name) == eperm);
  }
  for (const char* name : {"read", "write", "openat", "openat2", "execve", "execveat", "futex",
                           "mmap", "rseq", "statx", "getrandom", "chroot", "ptrace", "setuid",
                           "exit_group", "close_range", "prctl", "mknodat"}) {
    INFO(name);
    CHECK(answer(name) == allowed);
  }
}

TEST_CASE("the filter is wider where a capability was added, and only there") {
  const CapSet standard = default_caps();
  CHECK(seccomp_filter_for(0) == SeccompFilter::standard);
  CHECK(seccomp_filter_for(standard) == SeccompFilter::standard);
  CHECK(seccomp_filter_for(standard | parse_cap("NET_RAW")) == SeccompFilter::standard);
  CHECK(seccomp_filter_for(standard | parse_cap("SYS_TIME")) == SeccompFilter::guarded);
  CHECK(seccomp_filter_for(standard | parse_cap("SYS_ADMIN")) == SeccompFilter::sys_admin);
  CHECK(answer("clock_settime", {}, SeccompFilter::guarded) == allowed);
  CHECK(answer("mount", {}, SeccompFilter::guarded) == eperm);
  CHECK(answer("mount", {}, SeccompFilter::sys_admin) == allowed);
  CHECK(answer("clone", {CLONE_NEWNS, 0}, SeccompFilter::sys_admin) == allowed);
  CHECK(answer("keyctl", {}, SeccompFilter::sys_admin) == eperm);
}

TEST_CASE("the filter is short, since every start pays for its length") {
  for (const auto filter : all_filters) CHECK(seccomp_program(filter).size() <= 95);
}

TEST_CASE("the kernel takes the filter and it holds") {
  const auto filter = GENERATE(from_range(all_filters));
  const pid_t child = ::fork();
  if (child == 0) {
    Live live;
    NoNewPrivileges{}.apply(live);
    InstallSeccomp{filter}.apply(live);
    const bool io_uring = ::syscall(SYS_io_uring_setup, 0, nullptr) == -1 && errno == EPERM;
    const bool clone = ::syscall(SYS_clone3, nullptr, 0) == -1 &&
                       errno == (filter == SeccompFilter::sys_admin ? EINVAL : ENOSYS);
    const bool terminal = ::ioctl(-1, 0x5412, nullptr) == -1 && errno == EPERM;
    const bool other = ::ioctl(-1, 0x5413, nullptr) == -1 && errno == EBADF;
    ::_exit(io_uring && clone && terminal && other ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace minirun::ns
