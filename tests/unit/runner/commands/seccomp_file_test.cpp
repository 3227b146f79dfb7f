// A seccomp profile in Docker's JSON: what of it counts here, and what is refused.
#include "runner/commands/seccomp_file.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "namespaces/seccomp.h"
#include "runner/base/error.h"
#include "tests/unit/catch.h"

namespace minirun {
namespace {

ns::SeccompProfile parse(std::string_view text, const ProfileFor& whom = {0, "6.1.0-18-amd64"}) {
  return parse_seccomp_profile(text, "profile.json", whom);
}

std::string with_rules(const std::string& rules) {
  return R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[)" + rules + "]}";
}

/// In a child under the filter: the errno of what `call` does, 0 if it may.
int under(const std::string& profile, long (*call)()) {
  const auto program = ns::compile(parse(profile));
  const pid_t pid = ::fork();
  if (pid == 0) {
    Live live;
    ns::NoNewPrivileges{}.apply(live);
    ns::InstallSeccomp{.own = program}.apply(live);
    ::_exit(call() == -1 ? errno : 0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_CASE("a rule names calls, what becomes of them, and with which errno") {
  const auto getsid = [] { return ::syscall(SYS_getsid, 0); };
  CHECK(under(with_rules(""), getsid) == 0);
  CHECK(under(with_rules(R"({"names":["getsid"],"action":"SCMP_ACT_ERRNO"})"), getsid) == EPERM);
  CHECK(under(with_rules(R"({"name":"getsid","action":"SCMP_ACT_ERRNO","errnoRet":38})"), getsid) ==
        ENOSYS);
  CHECK(under(with_rules(R"({"names":["getsid"],"action":"SCMP_ACT_ERRNO","errno":"EXDEV"})"),
              getsid) == EXDEV);
  CHECK(under(with_rules(R"({"names":["getsid"],"action":"SCMP_ACT_KILL_PROCESS"})"), getsid) ==
        -SIGSYS);
  CHECK(under(with_rules(R"({"names":["getsid","no_such_call"],"action":"SCMP_ACT_ALLOW"})"),
              getsid) == 0);
}

TEST_CASE("arguments are compared: all of different index, one of the same index, masked") {
  const auto sid_of_7 = [] { return ::syscall(SYS_getpgid, 7) == -1 && errno == EXDEV ? -1L : 0L; };
  const auto rule = [](const std::string& arguments) {
    return with_rules(R"({"names":["getpgid"],"action":"SCMP_ACT_ERRNO","errnoRet":18,"args":[)" +
                      arguments + "]}");
  };
  CHECK(under(rule(R"({"index":0,"value":7,"op":"SCMP_CMP_EQ"})"), sid_of_7) == EXDEV);
  CHECK(under(rule(R"({"index":0,"value":8,"op":"SCMP_CMP_EQ"})"), sid_of_7) == 0);
  CHECK(under(rule(R"({"index":0,"value":8,"op":"SCMP_CMP_EQ"},
                      {"index":0,"value":7,"op":"SCMP_CMP_EQ"})"),
              sid_of_7) == EXDEV);
  CHECK(under(rule(R"({"index":0,"value":7,"op":"SCMP_CMP_EQ"},
                      {"index":1,"value":4000000000,"op":"SCMP_CMP_EQ"})"),
              sid_of_7) == 0);
  CHECK(under(rule(R"({"index":0,"value":3,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"})"), sid_of_7) ==
        EXDEV);
  CHECK(under(rule(R"({"index":0,"value":8,"valueTwo":8,"op":"SCMP_CMP_MASKED_EQ"})"), sid_of_7) ==
        0);
}

TEST_CASE("includes and excludes: capabilities, kernel, architecture") {
  const auto counts = [](const std::string& filter, ns::CapSet caps = 0) {
    const std::string rule = R"({"names":["getsid"],"action":"SCMP_ACT_ERRNO",)" + filter + "}";
    return !parse(with_rules(rule), {caps, "6.1.0-18-amd64"}).rules.empty();
  };
  const ns::CapSet admin = ns::parse_cap("SYS_ADMIN");
  CHECK_FALSE(counts(R"("includes":{"caps":["CAP_SYS_ADMIN"]})"));
  CHECK(counts(R"("includes":{"caps":["CAP_SYS_ADMIN"]})", admin));
  CHECK_FALSE(counts(R"("includes":{"caps":["CAP_SYS_ADMIN","CAP_BPF"]})", admin));
  CHECK(counts(R"("excludes":{"caps":["CAP_SYS_ADMIN"]})"));
  CHECK_FALSE(counts(R"("excludes":{"caps":["CAP_SYS_ADMIN"]})", admin));
  CHECK(counts(R"("includes":{"minKernel":"4.8"})"));
  CHECK(counts(R"("includes":{"minKernel":"6.1"})"));
  CHECK_FALSE(counts(R"("includes":{"minKernel":"6.2"})"));
  CHECK_FALSE(counts(R"("excludes":{"minKernel":"6.0"})"));
  CHECK(counts(R"("includes":{"arches":["amd64","arm64"]})"));
  CHECK_FALSE(counts(R"("includes":{"arches":["s390x"]})"));
  CHECK_FALSE(counts(R"("excludes":{"arches":["amd64","arm64"]})"));
  CHECK(counts(R"("includes":{},"excludes":{},"comment":"any")"));
}

TEST_CASE("of archMap the machine's entry counts; architectures stand as they are") {
  const std::string map = R"({"defaultAction":"SCMP_ACT_ALLOW","archMap":[
      {"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},
      {"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]},
      {"architecture":"SCMP_ARCH_S390X","subArchitectures":["SCMP_ARCH_S390"]}]})";
  const auto profile = parse(map);
  CHECK(profile.architectures.size() == 1);
  CHECK(ns::compile(profile).size() > 4);
}

TEST_CASE("case 98: what isn't known is an error, since a rule that is overlooked is a hole") {
  for (const char* text : {"", "[]", "{}", R"({"defaultAction":"SCMP_ACT_ALLOW","sysCalls":[]})",
                           R"({"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/x"})",
                           R"({"defaultAction":"SCMP_ACT_ALLOW","defaultAction":"SCMP_ACT_KILL"})",
                           R"({"defaultAction":7})"}) {
    INFO(text);
    CHECK_THROWS_AS(parse(text), ImageError);
  }
  for (const char* rule :
       {R"({"names":["x"],"action":"SCMP_ACT_ALLOW","arguments":[]})",
        R"({"action":"SCMP_ACT_ALLOW"})", R"({"names":"x","action":"SCMP_ACT_ALLOW"})",
        R"({"names":["x"],"action":"SCMP_ACT_ERRNO","errnoRet":-1})",
        R"({"names":["x"],"action":"SCMP_ACT_ERRNO","errnoRet":5000})",
        R"({"names":["x"],"action":"SCMP_ACT_ERRNO","errno":"ENONSENSE"})",
        R"({"names":["x"],"action":"SCMP_ACT_ALLOW","includes":{"cap":["CAP_BPF"]}})",
        R"({"names":["x"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"new"}})",
        R"({"names":["x"],"action":"SCMP_ACT_ALLOW","args":[{"idx":0}]})"}) {
    INFO(rule);
    CHECK_THROWS_AS(parse(with_rules(rule)), ImageError);
  }
  for (const char* rule :
       {R"({"names":["getsid"],"action":"SCMP_ACT_NOTIFY"})",
        R"({"names":["getsid"],"action":"allow"})",
        R"({"names":["getsid"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"op":"SCMP_CMP_EQ"}]})",
        R"({"names":["getsid"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"op":"EQ"}]})"}) {
    INFO(rule);
    CHECK_THROWS_AS(ns::compile(parse(with_rules(rule))), UsageError);
  }
  CHECK_THROWS_AS(
      ns::compile(parse(R"({"defaultAction":"SCMP_ACT_ALLOW","architectures":["x86"]})")),
      UsageError);
}

}  // namespace
}  // namespace minirun
