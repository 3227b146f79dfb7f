#include "namespaces/limits.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "runner/base/error.h"
#include "tests/unit/catch.h"

namespace minirun::ns {

TEST_CASE("--ulimit takes one number or two, and -1 for unlimited") {
  CHECK(parse_limit("nofile=1024:2048") == Limit{RLIMIT_NOFILE, 1024, 2048});
  CHECK(parse_limit("core=0") == Limit{RLIMIT_CORE, 0, 0});
  CHECK(parse_limit("stack=-1") == Limit{RLIMIT_STACK, RLIM_INFINITY, RLIM_INFINITY});
  CHECK(parse_limit("memlock=1:unlimited") == Limit{RLIMIT_MEMLOCK, 1, RLIM_INFINITY});
}

TEST_CASE("case 98: a limit that is none is a usage error") {
  for (const char* text : {"", "=", "nofile", "nofile=", "nofile=:", "nofile=1:", "nofile=:1",
                           "nofile=x", "nofile=2:1", "nofile=-2", "nofile=1:2:3",
                           "nofile=18446744073709551616", "NOFILE=1", "files=1", "nofile=-1:5"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_limit(text), UsageError);
  }
}

TEST_CASE("a limit given takes the default's place") {
  auto limits = default_limits();
  const size_t count = limits.size();
  set_limit(limits, parse_limit("nofile=7"));
  CHECK(limits.size() == count);
  CHECK(std::count(limits.begin(), limits.end(), Limit{RLIMIT_NOFILE, 7, 7}) == 1);
  set_limit(limits, parse_limit("sigpending=9"));
  CHECK(limits.size() == count + 1);
}

TEST_CASE("case 82: the caller's limits don't leak in, as far as they can be changed") {
  const pid_t child = ::fork();
  if (child == 0) {
    struct rlimit low {
      64, 20000
    };
    struct rlimit hard {};
    ::getrlimit(RLIMIT_NOFILE, &hard);
    low.rlim_max = hard.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &low);
    Live live;
    SetLimits{default_limits(), {}}.apply(live);
    struct rlimit now {};
    ::getrlimit(RLIMIT_NOFILE, &now);
    struct rlimit core {};
    ::getrlimit(RLIMIT_CORE, &core);
    ::_exit(now.rlim_cur == std::min<rlim_t>(1024, hard.rlim_max) && core.rlim_cur == 0 ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("a limit that was asked for and can't be had is an error") {
  SetLimits impossible{{{RLIMIT_NOFILE, 1ULL << 40, 1ULL << 40}},
                       {RLIMIT_NOFILE}};  // above any fs.nr_open
  Live live;
  CHECK_THROWS_AS(impossible.apply(live), SysError);
}

TEST_CASE("the shell form of limits is prlimit(1)'s") {
  const SetLimits limits{{{RLIMIT_NOFILE, 1, 2}, {RLIMIT_CORE, 0, RLIM_INFINITY}}, {RLIMIT_NOFILE}};
  CHECK(limits.shell() ==
        "for limit in nofile=1:2; do\n"
        "  $host ./bin/prlimit --pid $$ \"--$limit\"\n"
        "done\n"
        "for limit in core=0:unlimited; do\n"
        "  $host ./bin/prlimit --pid $$ \"--$limit\" 2> /dev/null ||\n"
        "    $host ./bin/prlimit --pid $$ \"--${limit%:*}:\" 2> /dev/null ||\n"
        "    :  # the hard limit can't be raised\n"
        "done\n"
        "echo 0x33 > /proc/self/coredump_filter\n"
        "echo 0 > /proc/self/oom_score_adj");
}

}  // namespace minirun::ns
