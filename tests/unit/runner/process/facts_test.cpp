// cgroups are files, so those of the tests are plain ones; what /proc says is asked of this process
// and of a child.
#include "runner/process/facts.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "runner/base/error.h"
#include "runner/base/page.h"
#include "runner/base/text.h"
#include "runner/process/json.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

using namespace minirun;
using namespace minirun::test;
using Catch::Contains;

namespace {

mount::MountLine mounted(const std::string& type, const std::string& root, const std::string& point,
                         std::vector<std::string> super_options = {"rw"}) {
  mount::MountLine line;
  line.type = type;
  line.root = root;
  line.point = point;
  line.super_options = std::move(super_options);
  return line;
}

std::string limits(const CgroupFact& fact) {
  std::string text;
  for (const auto& limit : fact.limits) text += cat(limit.file, "=", limit.value, " ");
  return text;
}

}  // namespace

TEST_CASE("cgroup v2: of each limit the tightest on the way up, and where it is") {
  const scratch::Dir dir;
  scratch::write_file(dir / "a/memory.max", "1000\n");
  scratch::write_file(dir / "a/b/memory.max", "max\n");
  scratch::write_file(dir / "a/b/c/memory.max", "2000\n");
  scratch::write_file(dir / "a/b/c/pids.max", "max\n");
  scratch::write_file(dir / "a/b/cpu.max", "50000 100000\n");
  scratch::write_file(dir / "a/b/c/cpu.max", "max 100000\n");
  scratch::write_file(dir / "cpuset.cpus.effective", "0-3\n");
  scratch::write_file(dir / "a/b/c/cpuset.cpus.effective", "2\n");
  const auto facts = read_cgroups({{0, {}, "/a/b/c"}}, {mounted("cgroup2", "/", dir.path())});
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].directory == dir / "a/b/c");
  CHECK(limits(facts[0]) == "memory.max=1000 cpu.max=50000 100000 cpuset.cpus.effective=2 ");
  CHECK(facts[0].limits[0].group == dir / "a");
  CHECK(facts[0].limits[1].group == dir / "a/b");
}

TEST_CASE("cgroup v1: each controller in its own hierarchy, no limit is none") {
  const scratch::Dir dir;
  scratch::write_file(dir / "memory/x/memory.limit_in_bytes", "9223372036854771712\n");
  scratch::write_file(dir / "memory/memory.limit_in_bytes", "4096\n");
  scratch::write_file(dir / "cpu/x/cpu.cfs_quota_us", "-1\n");
  scratch::write_file(dir / "cpu/x/cpu.cfs_period_us", "100000\n");
  scratch::write_file(dir / "cpu/y/cpu.cfs_quota_us", "200000\n");
  scratch::write_file(dir / "cpu/y/cpu.cfs_period_us", "100000\n");
  const std::vector<mount::MountLine> mounts = {
      mounted("cgroup2", "/", dir / "none"),
      mounted("cgroup", "/", dir / "memory", {"rw", "memory"}),
      mounted("cgroup", "/", dir / "cpu", {"rw", "cpu", "cpuacct"}),
  };
  const auto facts = read_cgroups(
      {{4, {"memory"}, "/x"}, {3, {"cpu", "cpuacct"}, "/x"}, {3, {"cpu", "cpuacct"}, "/y"}},
      mounts);
  CHECK(limits(facts[0]) == "memory.limit_in_bytes=4096 ");
  CHECK(limits(facts[1]).empty());
  CHECK(limits(facts[2]) == "cpu.cfs_quota_us=200000 100000 ");
}

TEST_CASE("a cgroup that can't be looked at says why, and leads nowhere else") {
  const scratch::Dir dir;
  scratch::write_file(dir / "secret/memory.max", "1\n");
  scratch::write_file(dir / "point/memory.max", "max\n");
  const auto problem = [&](const std::string& path, const std::string& root) {
    const auto facts = read_cgroups({{0, {}, path}}, {mounted("cgroup2", root, dir / "point")});
    CHECK(facts[0].limits.empty());
    return facts[0].problem;
  };
  CHECK_THAT(problem("/../secret", "/"), Contains("outside of your cgroup namespace"));
  CHECK_THAT(problem("/..", "/"), Contains("outside of your cgroup namespace"));
  CHECK_THAT(problem("/gone", "/"), Contains("removed"));
  CHECK_THAT(problem("/ab", "/a"), Contains("mounted nowhere"));
  CHECK(problem("/a", "/a").empty());
}

TEST_CASE("of ourselves everything is shared and nothing is unknown") {
  const ProcessFacts facts = read_process(::getpid());
  CHECK(facts.is_in_container() == false);
  CHECK(facts.has_your_root == true);
  CHECK(facts.status.tgid == ::getpid());
  CHECK_FALSE(facts.mounts.empty());
  for (const auto& fact : facts.namespaces) {
    INFO(fact.kind);
    CHECK(fact.shared() == true);
  }
  CHECK_FALSE(facts.is_guarded);
}

TEST_CASE("a process that ended is a zombie until it is waited for, and then an error") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  const ProcessFacts facts = read_process(child);
  CHECK(facts.status.is_zombie());
  CHECK_FALSE(facts.exe);
  CHECK(facts.problems.at("exe") == "a zombie has let go of it");
  CHECK_THAT(explain_text(facts), Contains("is a zombie: it has ended, and its parent"));
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_THROWS_WITH(read_process(child), Contains("there is no process"));
}

TEST_CASE("a directory of /proc is of its process, and of no other that has the number later") {
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  auto dir = ProcDir::open(child);
  REQUIRE(dir);
  CHECK(dir->is_there());
  CHECK(dir->read("comm"));
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(dir->is_there());
  CHECK_FALSE(dir->read("comm"));
  CHECK(dir->error() == ESRCH);
  CHECK_FALSE(ProcDir::open(child));
}

TEST_CASE("hostile names stay words: nothing in the page or the JSON steers a terminal") {
  ProcessFacts facts = read_process(::getpid());
  const std::string evil = "a\x1b[2J\n\r\xff\x9b";
  facts.comm = facts.parent_comm = evil;
  facts.exe = facts.root = facts.cwd = facts.label = evil;
  facts.command = {evil, ""};
  mount::MountLine line = mounted("overlay", evil, evil, {"lowerdir=" + evil, "upperdir=" + evil});
  line.source = line.device = evil;
  line.options = line.propagation = {evil};
  facts.mounts = {line};
  facts.cgroups = {{{0, {evil}, evil}, evil, evil, {{"memory.max", evil, evil}}},
                   {{1, {evil}, evil}, evil, "", {}}};
  for (const std::string& text : {explain_text(facts), explain_json(facts)}) {
    const auto is_bad = [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\n') || byte == 0x7f || byte == 0xff || byte == 0x9b;
    };
    CHECK(std::none_of(text.begin(), text.end(), is_bad));
    CHECK_THAT(text, !Contains("\n\r") && Contains("x1b[2J"));
  }
  const auto json = nlohmann::json::parse(explain_json(facts));
  CHECK(json["comm"] == "a\\x1b[2J\\x0a\\x0d\\xff\\x9b");
  CHECK(json["mounts"][0]["overlay"]["upper"] == json["comm"]);
}

TEST_CASE("whether it is a container: own mounts, and another root or own process numbers") {
  ProcessFacts facts;
  const auto asked = [&facts](std::optional<uint64_t> mnt, std::optional<uint64_t> pid,
                              std::optional<bool> same_root) {
    facts.namespaces = {{"mnt", mnt, 1}, {"pid", pid, 1}};
    facts.has_your_root = same_root;
    return facts.is_in_container();
  };
  CHECK(asked(2, 2, false) == true);
  CHECK(asked(2, 2, true) == true);
  CHECK(asked(2, 1, false) == true);
  CHECK(asked(2, 1, true) == false);   // unshare -m
  CHECK(asked(1, 2, true) == false);   // unshare -p
  CHECK(asked(1, 1, false) == false);  // chroot
  CHECK(asked({}, 2, false) == std::nullopt);
  CHECK(asked(2, {}, {}) == std::nullopt);
  CHECK(asked(2, {}, false) == true);
}
