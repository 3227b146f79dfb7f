#include "namespaces/caps.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "namespaces/user.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"

namespace minirun::ns {

namespace {

/// A line of /proc/self/status, such as "CapBnd".
std::string status_of_self(const std::string& field) {
  const std::string status = files::read_file(AT_FDCWD, "/proc/self/status");
  const size_t start = status.find("\n" + field + ":\t");
  if (start == std::string::npos) return "no such line";
  const size_t value = start + field.size() + 3;
  return status.substr(value, status.find('\n', value) - value);
}

/// Runs in a child, so that what is given up there is still had here.
bool holds_in_child(const std::function<bool()>& check_that) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check_that() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

}  // namespace

TEST_CASE("the default capabilities are Docker's without those that reach the machine") {
  CHECK(
      cap_names(default_caps()) ==
      "cap_chown,cap_dac_override,cap_fowner,cap_fsetid,cap_kill,cap_setgid,cap_setuid,cap_setpcap,"
      "cap_net_bind_service,cap_sys_chroot,cap_setfcap");
}

TEST_CASE("a capability is understood with and without its prefix, in any case") {
  const CapSet chown = CapSet{1} << CAP_CHOWN;
  for (const char* name : {"CHOWN", "chown", "CAP_CHOWN", "cap_chown", "Cap_Chown"}) {
    CHECK(parse_cap(name) == chown);
  }
  CHECK(parse_cap("SYS_ADMIN") == CapSet{1} << CAP_SYS_ADMIN);
  CHECK(cap_names(parse_cap("NET_RAW")) == "cap_net_raw");
}

TEST_CASE("all are every capability of this kernel and no more") {
  const CapSet all = all_caps();
  CHECK((all & default_caps()) == default_caps());
  CHECK((all & (all + 1)) == 0);  // ones without a gap, from bit 0
  const int last =
      static_cast<int>(std::stoi(files::read_file(AT_FDCWD, "/proc/sys/kernel/cap_last_cap")));
  CHECK(all == (CapSet{2} << last) - 1);
}

TEST_CASE("case 98: what is no capability is a usage error") {
  for (const std::string& name :
       {std::string(), std::string("CAP_"), std::string("NONSENSE"), std::string("CHOWN,KILL"),
        std::string("7"), std::string("cap_7"), std::string("CHOWN "), std::string("chown\0x", 7),
        std::string("CAP_CAP_CHOWN"), std::string("-CHOWN")}) {
    INFO(name);
    CHECK_THROWS_AS(parse_cap(name), UsageError);
  }
}

TEST_CASE("no names for no capabilities, and a number for one without a name") {
  CHECK(cap_names(0).empty());
  CHECK_FALSE(cap_names(CapSet{1} << 63).empty());
}

TEST_CASE("an unknown name is an error that lists similar ones") {
  try {
    parse_cap("NET_ROW");
    FAIL("taken");
  } catch (const UsageError& error) {
    CHECK_THAT(error.hint(), Catch::StartsWith("did you mean net_raw? "));
  }
}

TEST_CASE("the bounding set is what the kernel says, and what is held can be handed on whole") {
  CHECK(bounding_caps() == std::stoull(status_of_self("CapBnd"), nullptr, 16));
  CHECK(holds_in_child([] {
    Live live;
    SetCapabilities{std::stoull(status_of_self("CapPrm"), nullptr, 16)}.apply(live);
    return status_of_self("CapPrm") == status_of_self("CapEff");
  }));
}

TEST_CASE("the shell form names exactly what is kept") {
  CHECK(DropBounding{parse_cap("CHOWN") | parse_cap("KILL")}.shell() ==
        "privileges=\"$privileges --bounding-set=-all,+chown,+kill\"");
  CHECK(DropBounding{0}.shell() == "privileges=\"$privileges --bounding-set=-all\"");
}

TEST_CASE("no_new_privs is set and can't be taken back") {
  CHECK(holds_in_child([] {
    Live live;
    NoNewPrivileges{}.apply(live);
    return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
           ::prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == -1;
  }));
}

TEST_CASE(
    "every capability can be given up without privilege, and the inheritable and ambient sets with "
    "them") {
  CHECK(holds_in_child([] {
    Live live;
    SetCapabilities{0}.apply(live);
    const std::string none(16, '0');
    return status_of_self("CapPrm") == none && status_of_self("CapEff") == none &&
           status_of_self("CapInh") == none && status_of_self("CapAmb") == none;
  }));
}

TEST_CASE(
    "a capability that one doesn't have can't be taken, and the error says whose fault that is") {
  CHECK(holds_in_child([] {
    Live live;
    SetCapabilities{0}.apply(live);
    try {  // Catch2's macros don't report from a child
      SetCapabilities{parse_cap("SYS_ADMIN")}.apply(live);
    } catch (const SysError& error) {
      return error.number() == EPERM && error.hint().find("CapPrm") != std::string::npos;
    }
    return false;
  }));
}

TEST_CASE(
    "case 81: as root, the bounding, permitted and effective sets are exact and the others empty") {
  if (!test::is_root()) return;
  CHECK(holds_in_child([] {
    Live live;
    DropBounding{default_caps()}.apply(live);
    SetUser{}.apply(live);
    SetCapabilities{default_caps()}.apply(live);
    char expected[17];
    std::snprintf(expected, sizeof expected, "%016lx", static_cast<unsigned long>(default_caps()));
    const std::string none(16, '0');
    return status_of_self("CapBnd") == expected && status_of_self("CapPrm") == expected &&
           status_of_self("CapEff") == expected && status_of_self("CapInh") == none &&
           status_of_self("CapAmb") == none;
  }));
}

TEST_CASE(
    "case 82: as root, another user starts without capabilities and without the caller's groups") {
  if (!test::is_root()) return;
  CHECK(holds_in_child([] {
    Live live;
    DropBounding{default_caps()}.apply(live);
    SetUser{1000, 1001, {7, 1002}}.apply(live);
    const bool kept = status_of_self("CapPrm") != std::string(16, '0');
    SetCapabilities{0}.apply(live);
    return kept && status_of_self("Uid") == "1000\t1000\t1000\t1000" &&
           status_of_self("Gid") == "1001\t1001\t1001\t1001" &&
           status_of_self("Groups") == "7 1002 " &&
           status_of_self("CapPrm") == std::string(16, '0') && ::setresuid(0, 0, 0) == -1;
  }));
}

TEST_CASE("sets in words: the shortest way to say it") {
  const int count = std::popcount(all_caps());
  CHECK(cap_words(0) == "none");
  CHECK(cap_words(all_caps()) == cat("all ", count));
  CHECK(cap_words(~CapSet{0}) == cat("all ", count));  // the first process of some kernels
  CHECK(cap_words(parse_cap("CHOWN") | parse_cap("KILL")) == "cap_chown, cap_kill");
  CHECK(cap_words(all_caps() & ~parse_cap("SYS_ADMIN")) == "all but cap_sys_admin");
  CHECK(cap_words(all_caps() & ~parse_cap("SYS_ADMIN") & ~parse_cap("CHOWN")) ==
        "all but cap_chown, cap_sys_admin");
}

}  // namespace minirun::ns
