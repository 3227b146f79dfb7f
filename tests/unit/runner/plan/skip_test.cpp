// What --skip takes out of a plan, and what it refuses to.
#include "runner/plan/skip.h"

#include <algorithm>

#include "runner/base/error.h"
#include "runner/commands/explain.h"
#include "runner/commands/listeners.h"
#include "runner/tell/essay.h"
#include "tests/unit/catch.h"

using namespace minirun;
using Catch::Contains;
using Catch::StartsWith;

namespace {

/// What --break-after makes.
std::unique_ptr<Listener> fault(const char* step) {
  Options options;
  options.break_after = step;
  return std::move(make_listeners(options).front());
}

bool contains(const Plan& plan, std::string_view id) {
  return std::any_of(plan.begin(), plan.end(), [id](const Step& step) { return step.id == id; });
}

}  // namespace

TEST_CASE("the steps that are named go, and no other") {
  const Plan whole = full_plan();
  const Plan plan = skip_steps(whole, {"proc", "masks", "proc"});
  CHECK_FALSE(contains(plan, "proc"));
  CHECK_FALSE(contains(plan, "masks"));
  CHECK_FALSE(contains(plan, "sysctls"));  // it would write to the image's own files
  CHECK(plan.size() == whole.size() - 3);
  CHECK(skip_steps(whole, {}) == whole);
}

TEST_CASE("what would do harm without the step goes with it") {
  CHECK_FALSE(contains(skip_steps(full_plan(), {"pivot-root"}), "detach"));
  CHECK_FALSE(contains(skip_steps(full_plan(), {"network-namespace"}), "lo-up"));
  CHECK_FALSE(contains(skip_steps(full_plan(), {"network-namespace"}), "sysctls"));
  CHECK_FALSE(contains(skip_steps(full_plan(), {"cgroup"}), "devices"));
  CHECK_FALSE(contains(skip_steps(full_plan(), {"pivot-root", "detach"}), "detach"));
  CHECK(contains(skip_steps(full_plan(), {"detach"}), "pivot-root"));
  for (const Step& step : skip_steps(full_plan(), {"cgroup"})) {
    if (step.id == "clone") CHECK(std::get<ns::CloneChild>(step.op).cgroup.empty());
  }
  for (const Step& step : skip_steps(full_plan(), {"proc"})) {
    if (step.id == "limits") CHECK_FALSE(std::get<ns::SetLimits>(step.op).has_proc);
  }
}

TEST_CASE("a step that nothing works without is refused, with the reason") {
  for (const char* id : {"clone", "exec", "wait", "commit", "unpack-layer"}) {
    INFO(id);
    CHECK_THROWS_WITH(skip_steps(full_plan(), {id}), Contains("can't be left out"));
    CHECK_FALSE(needed_for(id).empty());
  }
  CHECK(needed_for("private").empty());
}

TEST_CASE("a step that this run doesn't have is refused, and those it has are listed") {
  try {
    skip_steps(full_plan(), {"proc", "no-such"});
    FAIL("it was taken");
  } catch (const UsageError& error) {
    CHECK_THAT(error.what(), Contains("--skip no-such"));
    CHECK_THAT(error.hint(), StartsWith("its steps are: dir, "));
    CHECK_THAT(error.hint(), Contains(", proc, "));
  }
}

TEST_CASE("each step that is left out is told with what it would have protected") {
  const auto lines = skip_warnings({"bind-2", "pivot-root"});
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], StartsWith("step bind-2 is left out: what is written"));
  CHECK_THAT(lines[1], Contains("the host's files"));
  CHECK_THAT(lines[1], Contains("step detach goes with it"));
  CHECK_NOTHROW(require_watcher({}, false));
  CHECK_NOTHROW(require_watcher({"proc"}, true));
}

TEST_CASE("--break-after stops a load, and says what became of the image") {
  image::LoadRecord record;
  record.id = "unpack-layer";
  CHECK_NOTHROW(fault("commit")->loaded(record));
  CHECK_THROWS_WITH(fault("unpack-layer")->loaded(record), Contains("the store is as it was"));
  record.id = "commit";
  CHECK_THROWS_WITH(fault("commit")->loaded(record), Contains("the image is in the store"));
  CHECK_THROWS_WITH(fault("commit")->begin({}, full_plan()), Contains("in the store already"));
  CHECK_THROWS_WITH(fault("no-such")->begin({}, full_plan()), Contains("no such step"));
  CHECK_NOTHROW(fault("proc")->begin({}, full_plan()));
}
