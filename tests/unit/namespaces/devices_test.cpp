// The rules are tested against the kernel in tests/e2e/devices.bats; here, what is said of them.
#include "namespaces/devices.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"

namespace minirun::ns {

TEST_CASE("a device rule is said as cgroup v1 takes it") {
  CHECK(DeviceRule{'c', 1, 3, "rwm"}.text() == "c 1:3 rwm");
  CHECK(DeviceRule{'b', -1, -1, "m"}.text() == "b *:* m");
  CHECK(DeviceRule{'c', 136, -1, "rw"}.text() == "c 136:* rw");
}

TEST_CASE("the shell form writes each rule in v1, and says in v2 what it can't do") {
  const std::vector<DeviceRule> rules = {{'c', 1, 3, "rwm"}, {'c', 136, -1, "rwm"}};
  CHECK(AllowDevices{"/g", true, rules}.shell() ==
        "echo a > /g/devices.deny\n"
        "for rule in 'c 1:3 rwm' 'c 136:* rwm'; do\n"
        "  echo \"$rule\" > /g/devices.allow\n"
        "done");
  CHECK(AllowDevices{"/g", false, rules}.shell() ==
        "# no shell equivalent: the rules are a BPF program, attached to\n"
        "# /g, which allows only\n"
        "#   c 1:3 rwm\n"
        "#   c 136:* rwm");
}

TEST_CASE("a cgroup that isn't there is named") {
  Live live;
  CHECK_THROWS_WITH((AllowDevices{"/no/such", true, {}}.apply(live)),
                    Catch::Contains("/no/such/devices.deny"));
}

}  // namespace minirun::ns
