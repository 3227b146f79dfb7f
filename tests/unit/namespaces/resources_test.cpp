// What all processes of a container may use together: from numbers to files of a cgroup.
#include "namespaces/resources.h"

#include <filesystem>

#include "namespaces/hierarchy.h"
#include "namespaces/usage.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

namespace minirun::ns {
namespace {

using Settings = std::vector<Setting>;

std::string lines_of(const Settings& settings) {
  std::string text;
  for (const Setting& setting : settings) text += cat(setting.file, "=", setting.value, "\n");
  return text;
}

TEST_CASE("only what is asked for needs a controller") {
  Resources resources;
  CHECK(controllers_for(resources).empty());
  resources.pids = 10;
  CHECK(controllers_for(resources) == std::vector<std::string>{"pids"});
  resources.memory_reservation = 1 << 20;
  resources.cpu_shares = 512;
  resources.cpus = "0";
  CHECK(controllers_for(resources) == std::vector<std::string>{"memory", "cpu", "cpuset", "pids"});
}

TEST_CASE("memory: swap is counted with it in v1, and beside it in v2; twice as much by default") {
  Resources resources;
  resources.memory = 64 << 20;
  CHECK(lines_of(settings_for(resources, "memory", false, "")) ==
        "memory.max=67108864\nmemory.swap.max=67108864\n");
  CHECK(lines_of(settings_for(resources, "memory", true, "")) ==
        "memory.limit_in_bytes=67108864\nmemory.memsw.limit_in_bytes=134217728\n");
  resources.memory = 10'000'000'000'000'000'000U;  // twice that is no number
  CHECK(lines_of(settings_for(resources, "memory", true, "")) ==
        "memory.limit_in_bytes=10000000000000000000\n"
        "memory.memsw.limit_in_bytes=18446744073709551615\n");
  resources.memory = 64 << 20;
  resources.memory_and_swap = 64 << 20;  // no swap
  CHECK(lines_of(settings_for(resources, "memory", false, "")) ==
        "memory.max=67108864\nmemory.swap.max=0\n");
  resources.memory_and_swap.reset();
  resources.unlimited_swap = true;
  resources.memory_reservation = 32 << 20;
  CHECK(lines_of(settings_for(resources, "memory", false, "")) ==
        "memory.low=33554432\nmemory.max=67108864\n");
  CHECK(lines_of(settings_for(resources, "memory", true, "")) ==
        "memory.soft_limit_in_bytes=33554432\nmemory.limit_in_bytes=67108864\n");
}

TEST_CASE("processors: a quota in a period, and a weight for shares as runc computes it") {
  Resources resources;
  resources.cpu_quota = 50'000;
  resources.cpu_shares = 1024;
  CHECK(lines_of(settings_for(resources, "cpu", false, "")) ==
        "cpu.weight=39\ncpu.max=50000 100000\n");
  CHECK(lines_of(settings_for(resources, "cpu", true, "")) ==
        "cpu.shares=1024\ncpu.cfs_period_us=100000\ncpu.cfs_quota_us=50000\n");
  CHECK(weight_of(2) == 1);
  CHECK(weight_of(262144) == 10000);
}

TEST_CASE("a cpuset of v1 gets memory nodes before processors") {
  Resources resources;
  resources.cpus = "0-1";
  CHECK(lines_of(settings_for(resources, "cpuset", true, "0")) ==
        "cpuset.mems=0\ncpuset.cpus=0-1\n");
  CHECK(lines_of(settings_for(resources, "cpuset", false, "")) == "cpuset.cpus=0-1\n");
}

TEST_CASE("in v2 the controller is enabled above the group, once; then the files are written") {
  const scratch::Dir dir;
  const std::string above = dir / "cgroup.subtree_control", group = dir / "c";
  std::filesystem::create_directory(group);
  scratch::write_file(above, "cpu memory\n");
  scratch::write_file(group + "/pids.max", "max");
  const LimitResources limit{"pids", group, false, {{"pids.max", "20", ""}}};
  Live live;
  limit.apply(live);
  CHECK(scratch::read_file(above) ==
        "+pids"
        "emory\n");  // a plain file keeps what is behind it
  CHECK(scratch::read_file(group + "/pids.max") == "20x");
  scratch::write_file(above, "cpu pids\n");
  limit.apply(live);
  CHECK(scratch::read_file(above) == "cpu pids\n");
}

TEST_CASE("a file that the kernel lacks is a note where that was foreseen, and else an error") {
  const scratch::Dir dir;
  const std::string group = dir / "c";
  std::filesystem::create_directory(group);
  Live live;
  LimitResources{"memory", group, true, {{"memory.memsw", "1", "swap isn't limited"}}}.apply(live);
  CHECK(live.note == "swap isn't limited");
  const LimitResources fails{"memory", group, true, {{"memory.limit", "1", ""}}};
  CHECK_THROWS_AS(fails.apply(live), SysError);
}

TEST_CASE("what was used is read from the files of either version") {
  const scratch::Dir dir;
  const std::string v2 = dir / "v2", v1 = dir / "v1";
  std::filesystem::create_directory(v2);
  std::filesystem::create_directory(v1);
  Live live;
  ReadUsage{{{v2, false, {}}, {v1, true, {}}, {dir / "gone", false, {}}}}.apply(live);
  CHECK_FALSE(live.usage.cpu_us);
  CHECK_FALSE(live.usage.memory_peak);
  CHECK(live.note.empty());
  scratch::write_file(v2 + "/cpu.stat", "usage_usec 1234\nuser_usec 1\n");
  scratch::write_file(v2 + "/pids.peak", "7\n");
  scratch::write_file(v1 + "/memory.max_usage_in_bytes", "16777216\n");
  scratch::write_file(v1 + "/memory.limit_in_bytes", "16777216\n");
  scratch::write_file(v1 + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  ReadUsage{{{v2, false, {}}, {v1, true, {}}}}.apply(live);
  CHECK(live.usage.cpu_us == 1234);
  CHECK(live.usage.pids_peak == 7);
  CHECK(live.usage.memory_peak == 16 << 20);
  CHECK(live.usage.oom_kills == 2);
  CHECK(live.note ==
        "out of memory: the kernel killed 2 processes of the container; its limit is 16 MiB, its "
        "peak was 16 MiB");
}

TEST_CASE("a controller that no hierarchy has is an error with a hint, if a limit needs it") {
  CHECK_THROWS_AS(choose_cgroups("x", {"nonsense"}), Error);
  CHECK_NOTHROW(choose_cgroups("x", {}));
}

}  // namespace
}  // namespace minirun::ns
