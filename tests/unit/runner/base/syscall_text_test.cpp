// What ops say of their system calls and of where to look, where arguments matter. That it is true
// is tested against strace (tests/e2e/truth.bats).
#include "runner/base/syscall_text.h"

#include <sched.h>
#include <sys/mount.h>

#include "runner/plan/step.h"
#include "tests/unit/catch.h"

using namespace minirun;

using Lines = std::vector<std::string>;

TEST_CASE("a string of C is printable ASCII, whatever is in it") {
  CHECK(c_string("") == R"("")");
  CHECK(c_string("it's") == R"("it's")");
  CHECK(c_string("a\"b\\c\td\n") == R"("a\"b\\c\td\n")");
  CHECK(c_string(std::string_view("\0", 1)) == R"("\0")");
  CHECK(c_string("\033[31m") == R"("\33[31m")");
  CHECK(c_string("\0331") == R"("\0331")");  // three digits, or it would be read as \331
  CHECK(c_string("\xc3\xa4") == R"("\303\244")");
}

TEST_CASE("a string that is cut says so, before what is escaped") {
  CHECK(c_string("abcdef", 6) == R"("abcdef")");
  CHECK(c_string("abcdefg", 6) == R"("abcdef"...)");
  CHECK(c_string("a\nb", 2) == R"("a\n"...)");
}

TEST_CASE("flags are named, and what has no name is a number") {
  static constexpr FlagName table[] = {{1, "ONE"}, {4, "FOUR"}};
  CHECK(flag_names(table, 0) == "0");
  CHECK(flag_names(table, 5) == "ONE|FOUR");
  CHECK(flag_names(table, 0x14) == "FOUR|0x10");
}

TEST_CASE("a call is its name and its arguments, and a comment says when it is made") {
  CHECK(call("setsid") == "setsid()");
  CHECK(call("f", c_string("/a"), 0, -1, ~0U, "NULL") == R"(f("/a", 0, -1, 4294967295, NULL))");
  CHECK(only_if("there", {"f()", "g()"}) == Lines{"f() /* if there */", "g() /* if there */"});
  CHECK(unknown("a\033b") == "<a\\x1bb>");
}

TEST_CASE("a mount's calls have its options one by one, and its flags by the kernel's names") {
  const mount::Mount devpts{"devpts",
                            "/s/merged",
                            "/dev/pts",
                            MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID,
                            {"newinstance", "mode=0620"}};
  CHECK(devpts.calls() ==
        Lines{R"(fsopen("devpts", FSOPEN_CLOEXEC))",
              R"(fsconfig(<context of devpts>, FSCONFIG_SET_STRING, "source", "devpts", 0))",
              R"(fsconfig(<context of devpts>, FSCONFIG_SET_FLAG, "newinstance", NULL, 0))",
              R"(fsconfig(<context of devpts>, FSCONFIG_SET_STRING, "mode", "0620", 0))",
              "fsconfig(<context of devpts>, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
              "fsmount(<context of devpts>, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC)",
              R"(move_mount(<devpts>, "", <merged/dev/pts>, "", )"
              "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)"});
}

TEST_CASE("a read-only bind mount says so in its calls, and where it is in its look") {
  const mount::Bind bind{"/my data", "/s/merged", "/a\tb\\c d", true};
  CHECK(bind.calls()[0] ==
        R"(open_tree(</my data>, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|)"
        "AT_RECURSIVE)");
  CHECK(bind.calls()[1] ==
        R"(mount_setattr(<tree>, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY, )"
        "attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)");
  // as mountinfo has the path: proc(5)
  CHECK(bind.look().starts_with(
      R"(grep -F ' /s/merged/a\011b\134c\040d ' /proc/$PID/mountinfo || )"));
}

TEST_CASE("a path with a quote is quoted for the shell that looks") {
  CHECK(mount::MakeDir{"/it's"}.look() == R"(ls -ld '/it'\''s')");
  CHECK(mount::MakeNodes{"/it's", {{"/dev/null", 1, 3}}}.look() ==
        R"(ls -l /proc/$PID/root'/it'\''s/dev')");
}

TEST_CASE("a file's content is shown from its beginning, with its whole length") {
  const mount::WriteFile file{"/s/state", std::string(65, 'x') + "\n", 0600};
  CHECK(file.calls().back() == "write(<state>, \"" + std::string(64, 'x') + "\"..., 66)");
  CHECK(file.look() == "cat /s/state");
  CHECK(mount::WriteFile{"/s/empty", "", 0600}.calls().size() == 2);
  CHECK(mount::WriteFile{"/s/empty", "", 0600}.look() == "ls -l /s/empty");
}

TEST_CASE("devices and modes are numbers as strace has them") {
  CHECK(mount::MakeNodes{"/m", {{"/dev/tty", 5, 0}}}.calls() ==
        Lines{R"(mknodat(<m/dev>, "tty", S_IFCHR|0666, makedev(0x5, 0)))",
              R"(fchmodat(<m/dev>, "tty", 0666))"});
  CHECK(mount::MakeDir{"/m", 01777, 5, 6}.calls() ==
        Lines{R"(mkdir("/m", 0700))", "fchown(<m>, 5, 6)", "fchmod(<m>, 01777)"});
}

TEST_CASE("the overlay's calls have the very options that overlay gets") {
  const mount::Overlay overlay{"/s", {"l/B", "l/A"}, "/c/diff", "/c/work", "/c/merged"};
  CHECK(overlay.calls() == Lines{R"(chdir("/s"))",
                                 R"(mount("overlay", "/c/merged", "overlay", MS_NODEV, ")" +
                                     mount::overlay_options(overlay) + "\")",
                                 "fchdir(<where it stood>)"});
}

TEST_CASE("each part of a working directory is made where it is missing") {
  CHECK(mount::MakeDirInRoot{"/c/merged", "/a//b"}.calls() ==
        Lines{R"(mkdirat(<merged>, "a", 0755) /* if it is missing */)",
              R"(mkdirat(<merged/a>, "b", 0755) /* if it is missing */)"});
}

TEST_CASE("clone's flags are in the order of their numbers, and a cgroup is one of them") {
  const std::string with = ns::CloneChild{CLONE_NEWPID | CLONE_NEWNS, "/g", {}}.calls().back();
  CHECK(with.starts_with(
      "clone3({flags=CLONE_PIDFD|CLONE_NEWNS|CLONE_NEWPID|CLONE_INTO_CGROUP, pidfd="));
  CHECK(with.ends_with(", cgroup=</g>}, 88)"));
  const std::string without = ns::CloneChild{CLONE_NEWPID, "", {}}.calls().back();
  CHECK(without.find("CGROUP") == std::string::npos);
  CHECK(without.ends_with(", stack_size=0}, 88)"));
}

TEST_CASE("users, groups and capabilities are told one by one") {
  CHECK(ns::SetUser{1, 2, {}}.calls()[1] == "setgroups(0, NULL)");
  CHECK(ns::SetUser{1, 2, {3, 4}}.calls() == Lines{"prctl(PR_SET_KEEPCAPS, 1)",
                                                   "setgroups(2, [3, 4])", "setresgid(2, 2, 2)",
                                                   "setresuid(1, 1, 1)"});
  const ns::CapSet two = ns::parse_cap("CHOWN") | ns::parse_cap("KILL");
  CHECK(ns::SetCapabilities{two}.calls().back() ==
        "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL, "
        "permitted=1<<CAP_CHOWN|1<<CAP_KILL, inheritable=0})");
  CHECK(ns::DropBounding{ns::all_caps() & ~two}.calls() ==
        Lines{"prctl(PR_SET_SECUREBITS, 0)", "prctl(PR_CAPBSET_DROP, CAP_CHOWN)",
              "prctl(PR_CAPBSET_DROP, CAP_KILL)"});
}

TEST_CASE("limits are in strace's units") {
  const ns::SetLimits limits{{{RLIMIT_NOFILE, 1024, 2048}, {RLIMIT_CORE, 0, RLIM_INFINITY}}, {}};
  CHECK(limits.calls() ==
        Lines{"prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=2*1024}, NULL)",
              "prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=RLIM64_INFINITY}, NULL)",
              R"(write(</proc/self/coredump_filter>, "0x33", 4))",
              R"(write(</proc/self/oom_score_adj>, "0", 1))"});
}

TEST_CASE("the program is called by its path, or as what is found in PATH; its words are quoted") {
  const auto last = [](const ns::Exec& exec) { return exec.calls().back(); };
  CHECK(last({{"/bin/sh", "-c", "echo \"hi\"\n"}, {"A=1"}, "/"}) ==
        R"(execve("/bin/sh", ["/bin/sh", "-c", "echo \"hi\"\n"], /* 1 var */))");
  CHECK(last({{"true"}, {}, "/"}) == R"(execve("<found in PATH>/true", ["true"], /* 0 vars */))");
  const auto before = ns::Exec{{"/bin/sh", "-c"}, {}, "/"}.calls();
  CHECK(before[before.size() - 3] ==
        R"(execveat(<memfd>, "", ["exec", "<the channel's number>", "/bin/sh", "/bin/sh", "-c"], )"
        "/* 0 vars */, AT_EMPTY_PATH)");
}

TEST_CASE("what the environment holds is in no call: it may be secret") {
  const ns::Exec exec{{"/p"}, {"PASSWORD=secret"}, "/"};
  for (const std::string& line : exec.calls()) CHECK(line.find("secret") == std::string::npos);
}
