// Options that say what a container may do and use, in Docker's words and units.
#include "runner/commands/confinement.h"

#include <unistd.h>

#include "runner/base/error.h"
#include "runner/commands/given_devices.h"
#include "tests/unit/catch.h"

namespace minirun {
namespace {

ns::CapSet caps(const std::vector<std::string>& added, const std::vector<std::string>& dropped) {
  return resolve_caps(added, dropped, ns::all_caps());
}

TEST_CASE("capabilities are added and dropped as Docker does it") {
  const ns::CapSet standard = ns::default_caps();
  const ns::CapSet chown = ns::parse_cap("CHOWN"), raw = ns::parse_cap("NET_RAW");
  CHECK(caps({}, {}) == standard);
  CHECK(caps({"NET_RAW"}, {}) == (standard | raw));
  CHECK(caps({}, {"cap_chown"}) == (standard & ~chown));
  CHECK(caps({"CHOWN"}, {"CHOWN"}) == standard);  // what is added stays
  CHECK(caps({}, {"ALL"}) == 0);
  CHECK(caps({"chown"}, {"all"}) == chown);
  CHECK(caps({"ALL"}, {}) == ns::all_caps());
  CHECK(caps({"All"}, {"NET_RAW"}) == (ns::all_caps() & ~raw));
  CHECK(caps({"ALL"}, {"ALL"}) == ns::all_caps());
  CHECK(caps({"ALL", "NET_RAW"}, {"CHOWN"}) == (ns::all_caps() & ~chown));
  CHECK_THROWS_AS(caps({"NONSENSE"}, {}), UsageError);
  CHECK_THROWS_AS(caps({"ALL"}, {"NONSENSE"}), UsageError);
}

TEST_CASE("sizes have Docker's units") {
  CHECK(parse_size("1", "-m") == 1);
  CHECK(parse_size("7b", "-m") == 7);
  CHECK(parse_size("64k", "-m") == 64 << 10);
  CHECK(parse_size("64M", "-m") == 64 << 20);
  CHECK(parse_size("2gb", "-m") == uint64_t{2} << 30);
  for (const char* text :
       {"", "0", "m", "1.5g", "-1", "64x", "64mm", "99999999999999999999", "18014398509481984k"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_size(text, "-m"), UsageError);
  }
}

TEST_CASE("processors are a decimal number, of those that there are") {
  CHECK(parse_cpus("1") == 100'000);
  CHECK(parse_cpus("0.5") == 50'000);
  CHECK(parse_cpus(".25") == 25'000);
  CHECK(parse_cpus("0.01") == 1'000);
  CHECK(parse_cpus("0.123456789") == 12'345);
  for (const char* text : {"", ".", "0", "0.001", "-1", "1e3", "1.x", "1.2.3", "9999"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_cpus(text), UsageError);
  }
}

TEST_CASE("lists of processors, numbers of processes") {
  for (const char* text : {"0", "0-2", "0,2", "0-2,4"}) CHECK(parse_cpu_list(text) == text);
  for (const char* text : {"", "x", "2-1", "0,", "-1", "0-", "0 1", "0\n1"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_cpu_list(text), UsageError);
  }
  CHECK(parse_pids("20") == 20);
  CHECK_FALSE(parse_pids("0"));
  CHECK_FALSE(parse_pids("-1"));
  for (const char* text : {"", "-2", "x", "99999999999"})
    CHECK_THROWS_AS(parse_pids(text), UsageError);
}

TEST_CASE("a device has a source, a path below /dev, and what may be done with it") {
  const auto same = [](const char* text, const char* source, const char* path, const char* access) {
    const mount::GivenDevice device = parse_device(text);
    return device.source == source && device.path == path && device.access == access;
  };
  CHECK(same("/dev/kvm", "/dev/kvm", "/dev/kvm", "rwm"));
  CHECK(same("/dev/kvm:r", "/dev/kvm", "/dev/kvm", "r"));
  CHECK(same("/dev/kvm:/dev/x", "/dev/kvm", "/dev/x", "rwm"));
  CHECK(same("/dev/kvm:/dev/x:rw", "/dev/kvm", "/dev/x", "rw"));
  CHECK(same("/srv/disk:/dev/x", "/srv/disk", "/dev/x", "rwm"));
  for (const char* text : {"", "kvm", "/dev/kvm:", "/dev/kvm:/x", "/dev/kvm:/dev/x:q", "/srv/disk",
                           "/dev/kvm:/dev/x:r:w", "/dev/kvm:/dev/../etc/x", "/dev/kvm:/dev"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_device(text), UsageError);
  }
}

Options with(void (*change)(Options&)) {
  Options options;
  change(options);
  return options;
}

TEST_CASE("case 98: values that don't fit each other are refused before anything is done") {
  CHECK_NOTHROW(check_confinement({}));
  const auto refused = {with([](Options& o) { o.resources.memory = 1 << 20; }),
                        with([](Options& o) { o.resources.memory_and_swap = 1 << 30; }),
                        with([](Options& o) { o.resources.unlimited_swap = true; }),
                        with([](Options& o) {
                          o.resources.memory = 64 << 20;
                          o.resources.memory_and_swap = 32 << 20;
                        }),
                        with([](Options& o) {
                          o.resources.memory = 64 << 20;
                          o.resources.memory_reservation = 65 << 20;
                        }),
                        with([](Options& o) {
                          o.privileged = true;
                          o.cap_drop = {"CHOWN"};
                        }),
                        with([](Options& o) {
                          o.uts_mode = "host";
                          o.hostname = "x";
                        }),
                        with([](Options& o) {
                          o.ipc_mode = "host";
                          o.shm_size = 1 << 20;
                        }),
                        with([](Options& o) { o.pid = "container:x"; }),
                        with([](Options& o) { o.uts_mode = "private"; }),
                        with([](Options& o) { o.security_opts = {"nonsense"}; }),
                        with([](Options& o) { o.security_opts = {"no-new-privileges=maybe"}; }),
                        with([](Options& o) { o.security_opts = {"apparmor=profile"}; }),
                        with([](Options& o) { o.security_opts = {"label=type:x"}; }),
                        with([](Options& o) { o.ulimits = {"nofile"}; })};
  for (const Options& options : refused) CHECK_THROWS_AS(check_confinement(options), UsageError);
  for (const char* word : {"no-new-privileges", "no-new-privileges:true", "no-new-privileges=false",
                           "seccomp=unconfined", "seccomp:unconfined", "systempaths=unconfined",
                           "apparmor=unconfined", "label=disable", "label:disable"}) {
    INFO(word);
    Options options;
    options.security_opts = {word};
    CHECK_NOTHROW(check_confinement(options));
  }
}

TEST_CASE("what the options say is in the specification") {
  Options options;
  options.cap_add = {"NET_RAW"};
  options.security_opts = {"no-new-privileges=false", "systempaths=unconfined"};
  options.ulimits = {"nofile=10:20"};
  options.devices = {"/dev/null:/dev/nothing:r"};
  options.shm_size = 1 << 20;
  options.oom_score_adj = 7;
  ContainerSpec spec;
  spec.id = "0123456789ab";
  confine(options, spec);
  CHECK((spec.caps & ns::parse_cap("NET_RAW")) != 0);
  CHECK_FALSE(spec.no_new_privileges);
  CHECK_FALSE(spec.covers_paths);
  CHECK(spec.filters_calls);
  CHECK(spec.exact_limits == std::vector<int>{RLIMIT_NOFILE});
  CHECK(spec.oom_score_adj == 7);
  CHECK(spec.shm_size == 1 << 20);
  REQUIRE(spec.devices.size() == 1);
  CHECK(spec.devices[0].path == "/dev/nothing");
  CHECK(spec.devices[0].type == 'c');
  CHECK(spec.devices[0].major == 1);
  CHECK(spec.devices[0].minor == 3);
  CHECK(spec.devices[0].access == "r");
}

TEST_CASE("a device that isn't there, and what is none") {
  ContainerSpec spec;
  Options options;
  options.devices = {"/dev/no-such-device"};
  CHECK_THROWS_AS(confine(options, spec), UsageError);
  options.devices = {"/etc/passwd:/dev/x"};
  CHECK_THROWS_AS(confine(options, spec), UsageError);
}

}  // namespace
}  // namespace minirun
