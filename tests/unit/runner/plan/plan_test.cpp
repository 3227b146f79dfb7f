// The plan is compared, not performed: what stands in it, in which order, and that it says why.
#include "runner/plan/plan.h"

#include <linux/mount.h>
#include <sched.h>

#include <algorithm>
#include <set>

#include "runner/commands/mounts.h"
#include "runner/containers/dir.h"
#include "tests/unit/catch.h"

using namespace minirun;

namespace {

ContainerSpec some_spec() {
  ContainerSpec spec;
  spec.id = "0123456789ab";
  spec.hostname = "host";
  spec.store = "/store";
  spec.lower = {"l/TOP", "l/BOTTOM", "init/diff"};
  spec.cgroups = {{"/sys/fs/cgroup/minirun-0123456789ab", false, {}}};
  spec.argv = {"/bin/true"};
  spec.caps = ns::default_caps();
  return spec;
}

size_t index_of(const Plan& plan, std::string_view id) {
  const auto is_it = [id](const Step& step) { return step.id == id; };
  const auto at = std::find_if(plan.begin(), plan.end(), is_it);
  INFO(id);
  REQUIRE(at != plan.end());
  return static_cast<size_t>(at - plan.begin());
}

bool has(const Plan& plan, std::string_view id) {
  return std::any_of(plan.begin(), plan.end(), [id](const Step& step) { return step.id == id; });
}

template <typename T>
const T& op_of(const Plan& plan, std::string_view id) {
  return std::get<T>(plan[index_of(plan, id)].op);
}

void check_order(const Plan& plan, const std::vector<std::string>& ids) {
  for (size_t i = 0; i + 1 < ids.size(); ++i) {
    INFO(ids[i] << " before " << ids[i + 1]);
    CHECK(index_of(plan, ids[i]) < index_of(plan, ids[i + 1]));
  }
}

}  // namespace

TEST_CASE("the same specification makes the same plan") {
  CHECK(build_plan(some_spec()) == build_plan(some_spec()));
}

TEST_CASE("every step has an id of its own, a reason and a source, and can be said in shell") {
  ContainerSpec spec = some_spec();
  spec.name = "n";
  spec.read_only = true;
  spec.flush = true;
  spec.working_dir = "/w";
  for (const char* option : {"./a:/a", "v:/v", "/anonymous"}) {
    spec.mounts.push_back(parse_volume_option(option, "/here"));
  }
  spec.mounts.push_back(parse_tmpfs_option("/t"));
  std::set<std::string> ids;
  for (const Step& step : build_plan(spec)) {
    INFO(step.id);
    CHECK(ids.insert(step.id).second);
    CHECK(step.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    CHECK(step.why.size() > 30);
    CHECK(step.why.find("otherwise") == std::string_view::npos);
    CHECK_FALSE(step.phase.name.empty());
    CHECK_FALSE(step.phase.why.empty());
    CHECK_FALSE(step.see.empty());
    CHECK_FALSE(shell(step.op).empty());
    CHECK_FALSE(calls(step.op).empty());
    CHECK(look(step.op).empty() == (step.id == "wait" || step.id == "usage"));  // it has ended
    CHECK((can_undo(step.op) || undo_shell(step.op).empty()));
  }
}

TEST_CASE("host steps come before the child's and after them, never between") {
  const Plan plan = build_plan(some_spec());
  const size_t clone = index_of(plan, "clone");
  const size_t exec = index_of(plan, "exec");
  for (size_t i = 0; i < plan.size(); ++i) {
    INFO(plan[i].id);
    CHECK(plan[i].side == (i > clone && i <= exec ? Side::child : Side::host));
  }
  CHECK(plan.back().id == "usage");
}

TEST_CASE("what a later step needs is there, and what an earlier one gave is used") {
  ContainerSpec spec = some_spec();
  spec.read_only = true;
  spec.working_dir = "/w";
  spec.mounts.push_back(parse_volume_option("v:/etc", "/"));
  check_order(build_plan(spec), {"dir",
                                 "file-state",
                                 "dir-upper",
                                 "make-volume-1",
                                 "cgroup",
                                 "clone",
                                 "private",
                                 "cgroup-namespace",
                                 "overlay",
                                 "proc",
                                 "dev",
                                 "dev-nodes",
                                 "devpts",
                                 "fill-volume-1",
                                 "volume-1",
                                 "bind-hosts",
                                 "read-only-root",
                                 "masks",
                                 "read-only-paths",
                                 "pivot-root",
                                 "detach",
                                 "workdir",
                                 "scheduling",
                                 "limits",
                                 "bounding",
                                 "user",
                                 "caps",
                                 "reset",
                                 "no-new-privs",
                                 "seccomp",
                                 "close-fds",
                                 "exec",
                                 "wait"});
  CHECK(index_of(build_plan(spec), "make-workdir") < index_of(build_plan(spec), "read-only-root"));
}

TEST_CASE("--network host makes no network namespace and leaves its loopback alone") {
  ContainerSpec spec = some_spec();
  CHECK(op_of<ns::NewNamespace>(build_plan(spec), "network-namespace").flag == CLONE_NEWNET);
  spec.host_network = true;
  CHECK_FALSE(has(build_plan(spec), "network-namespace"));
  CHECK_FALSE(has(build_plan(spec), "lo-up"));
  CHECK_FALSE(has(build_plan(spec), "sysctls"));
}

TEST_CASE("--read-only makes the generated files read only too") {
  ContainerSpec spec = some_spec();
  const auto is_read_only = [&](const char* id) {
    return (op_of<mount::Bind>(build_plan(spec), id).attributes & MOUNT_ATTR_RDONLY) != 0;
  };
  for (const char* id : {"bind-hosts", "bind-hostname", "bind-resolv"})
    CHECK_FALSE(is_read_only(id));
  spec.read_only = true;
  for (const char* id : {"bind-hosts", "bind-hostname", "bind-resolv"}) CHECK(is_read_only(id));
}

TEST_CASE("a user other than root starts without capabilities") {
  ContainerSpec spec = some_spec();
  CHECK(op_of<ns::SetCapabilities>(build_plan(spec), "caps").permitted == ns::default_caps());
  spec.user.uid = 1000;
  CHECK(op_of<ns::SetCapabilities>(build_plan(spec), "caps").permitted == 0);
}

TEST_CASE("the upper directory is volatile unless it is kept, and looks like the image's root") {
  ContainerSpec spec = some_spec();
  spec.root_mode = 01777;
  spec.root_uid = 7;
  CHECK(op_of<mount::Overlay>(build_plan(spec), "overlay").is_volatile);
  CHECK(op_of<mount::MakeDir>(build_plan(spec), "dir-upper") ==
        mount::MakeDir{"/store/containers/0123456789ab/diff", 01777, 7, 0});
  spec.keep = true;
  CHECK_FALSE(op_of<mount::Overlay>(build_plan(spec), "overlay").is_volatile);
  CHECK(op_of<MakeContainerDir>(build_plan(spec), "dir").keep);
}

TEST_CASE("a mount of the user's stands in the place of minirun's own") {
  ContainerSpec spec = some_spec();
  CHECK(has(build_plan(spec), "bind-hosts"));
  CHECK(has(build_plan(spec), "shm"));
  spec.mounts.push_back(parse_volume_option("/h:/etc/hosts", "/"));
  spec.mounts.push_back(parse_tmpfs_option("/dev/shm"));
  CHECK_FALSE(has(build_plan(spec), "bind-hosts"));
  CHECK_FALSE(has(build_plan(spec), "shm"));
}

TEST_CASE(
    "nothing of a plan touches the host below the child but its own directory, cgroup and "
    "volumes") {
  ContainerSpec spec = some_spec();
  spec.mounts.push_back(parse_volume_option("v:/v", "/"));
  for (const Step& step : build_plan(spec)) {
    if (step.side != Side::host || step.id == "clone" || step.id == "wait") continue;
    INFO(step.id << ": " << shell(step.op));
    const bool own = shell(step.op).find("/store/containers/0123456789ab") != std::string::npos ||
                     shell(step.op).find("/store/volumes/v") != std::string::npos ||
                     shell(step.op).find("minirun-0123456789ab") != std::string::npos;
    CHECK(own);
  }
}
