#include "namespaces/user.h"

#include "runner/base/error.h"
#include "tests/unit/catch.h"

namespace minirun::ns {

namespace {

const std::string passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "alice:x:1000:1001:Alice,,,:/home/alice:/bin/sh\n"
    "alice:x:0:0:a second one:/root:/bin/sh\n"
    "bob:x:1002:1002::/home/bob:\n"
    "4711:x:0:0:a name of digits:/root:/bin/sh\n"
    "nohome:x:1003:1003:::\n"
    "badhome:x:1004:1004::home/bad:/bin/sh\n";

const std::string group =
    "root:x:0:\n"
    "adm:x:4:root,alice\n"
    "wheel:x:10:alice\n"
    "also:x:10:alice\n"
    "alice:x:1001:\n"
    "bobs:x:1002:alicea,xalice\n"
    "4712:x:0:\n"
    "staff:x:50:bob,alice\n";

using Groups = std::vector<gid_t>;

/// passwd with a line before all others that would make somebody of "eve".
UserSpec with_line(const std::string& line, const std::string& user = "eve") {
  return resolve_user(user, line + "\n" + passwd, group);
}

}  // namespace

TEST_CASE("an empty user is root, with root's home and groups") {
  const auto user = resolve_user("", passwd, group);
  CHECK(user.uid == 0);
  CHECK(user.gid == 0);
  CHECK(user.home == "/root");
  CHECK(user.groups == Groups{0, 4});
}

TEST_CASE("a name is looked up, first match wins, and brings its groups once each") {
  const auto user = resolve_user("alice", passwd, group);
  CHECK(user.uid == 1000);
  CHECK(user.gid == 1001);
  CHECK(user.home == "/home/alice");
  CHECK(user.groups == Groups{1001, 4, 10, 50});
}

TEST_CASE("a known number has its entry's group, home and groups") {
  const auto user = resolve_user("1000", passwd, group);
  CHECK(user.uid == 1000);
  CHECK(user.gid == 1001);
  CHECK(user.home == "/home/alice");
  CHECK(user.groups == Groups{1001, 4, 10, 50});
}

TEST_CASE("an unknown number is allowed: gid 0, no other groups, home is the root directory") {
  const auto user = resolve_user("12345", passwd, group);
  CHECK(user.uid == 12345);
  CHECK(user.gid == 0);
  CHECK(user.groups == Groups{0});
  CHECK(user.home == "/");
  CHECK(resolve_user("12345", "", "").uid == 12345);
  CHECK(resolve_user("4294967294", passwd, group).uid == 4294967294U);
}

TEST_CASE("a group given replaces the user's own, and there is no other") {
  const auto named = resolve_user("alice:staff", passwd, group);
  CHECK(named.uid == 1000);
  CHECK(named.gid == 50);
  CHECK(named.groups == Groups{50});
  CHECK(named.home == "/home/alice");
  CHECK(resolve_user("alice:4321", passwd, group).gid == 4321);
  CHECK(resolve_user("7:8", "", "").uid == 7);
  CHECK(resolve_user("7:8", "", "").gid == 8);
  CHECK(resolve_user("7:wheel", passwd, group).gid == 10);
}

TEST_CASE("case 79: numbers that are no ids are refused, never cut off to root") {
  for (const char* user :
       {"4294967295", "4294967296", "18446744073709551616", "99999999999999999999999", "-1", "+1",
        "-0", "0x0", "1e3", "1000 ", " 1000", "1000a", "10 00", "0.0", "\n0", "0\n"}) {
    INFO(user);
    CHECK_THROWS_AS(resolve_user(user, passwd, group), UsageError);
    CHECK_THROWS_AS(resolve_user(std::string("1000:") + user, passwd, group), UsageError);
  }
  CHECK_THROWS_AS(resolve_user(std::string_view("0\0", 2), passwd, group), UsageError);
}

TEST_CASE(
    "case 79: nothing after the colon is no group, nothing before it is root; two are refused") {
  CHECK(resolve_user("alice:", passwd, group).groups == Groups{1001, 4, 10, 50});
  CHECK(resolve_user("1000:", passwd, group).gid == 1001);
  for (const char* user : {":1000", ":staff", ":"})
    CHECK(resolve_user(user, passwd, group).uid == 0);
  CHECK(resolve_user(":1000", passwd, group).gid == 1000);
  CHECK(resolve_user(":1000", passwd, group).groups == Groups{1000});
  CHECK(resolve_user(":staff", passwd, group).gid == 50);
  CHECK(resolve_user(":", passwd, group).groups == resolve_user("", passwd, group).groups);
  for (const char* user : {"::", "1000::", "alice:staff:", "alice:staff:x", "::5"}) {
    INFO(user);
    CHECK_THROWS_AS(resolve_user(user, passwd, group), UsageError);
  }
}

TEST_CASE("the primary group is among the supplementary ones, first and once (CVE-2022-36109)") {
  for (const char* user :
       {"", "0", "alice", "alice:", "1000", "alice:staff", "7:8", "12345", ":9"}) {
    INFO(user);
    const auto result = resolve_user(user, passwd, group);
    REQUIRE_FALSE(result.groups.empty());
    CHECK(result.groups.front() == result.gid);
    CHECK(std::count(result.groups.begin(), result.groups.end(), result.gid) == 1);
  }
}

TEST_CASE("case 79: a number is an id, even where a name of those digits is root") {
  const auto user = resolve_user("4711:4712", passwd, group);
  CHECK(user.uid == 4711);
  CHECK(user.gid == 4712);
  CHECK(user.home == "/");
  CHECK(resolve_user("4711", passwd, group).gid == 0);
  CHECK(resolve_user("4711", passwd, group).uid == 4711);
  CHECK(resolve_user("0001000", passwd, group).uid == 1000);
}

TEST_CASE("case 79: a malformed passwd line makes nobody of its name, least of all root") {
  for (const char* line :
       {"eve:x:abc:5::/:", "eve:x::5::/:", "eve:x:-1:5::/:", "eve:x:4294967296:5::/:",
        "eve:x:4294967295:5::/:", "eve:x:5:::/:", "eve:x:5", "eve", "eve:x:5:5:/:/bin/sh",
        "eve:x:5:5::/:/bin/sh:more", ":eve:5:5::/:", " eve:x:5:5::/:", "#eve:x:5:5::/:",
        "+eve::::::", "eve:x: 5:5::/:", "eve:x:5 :5::/:"}) {
    INFO(line);
    CHECK_THROWS_AS(with_line(line), UsageError);
  }
  CHECK_THROWS_AS(with_line(std::string("eve:x:5:5:\0:/:", 14)), UsageError);
  CHECK(with_line("eve:x:5:6::/e:").uid == 5);  // and a good one does
}

TEST_CASE("case 78: an oversized line is skipped and the next one is read") {
  const std::string huge = "eve:x:0:0:" + std::string(1 << 17, 'A') + ":/:";
  CHECK_THROWS_AS(with_line(huge), UsageError);
  CHECK(with_line(huge + "\neve:x:5:6::/e:").uid == 5);
}

TEST_CASE("malformed group lines are skipped") {
  const std::string bad =
      "g:x:abc:bob\ng:x::bob\ng:x:-1:bob\ng:x:4294967296:bob\ng:x:7\n:x:7:bob\ng:x:7:bob:more\n";
  CHECK_THROWS_AS(resolve_user("0:g", passwd, bad), UsageError);
  CHECK(resolve_user("bob", passwd, bad).groups == Groups{1002});
  CHECK(resolve_user("bob", passwd, bad + "g:x:8:bob\n").groups == Groups{1002, 8});
}

TEST_CASE("a member is the whole name") {
  CHECK(resolve_user("bob", passwd, group).groups == Groups{1002, 50});
  CHECK(resolve_user("daemon", passwd, group).groups.size() == 1);
}

TEST_CASE("files without a last newline, with empty lines or with none at all") {
  CHECK(resolve_user("z", "\n\nz:x:9:9::/z:", "").uid == 9);
  CHECK(resolve_user("", "", "").uid == 0);
  CHECK(resolve_user("", "", "").home == "/");
  CHECK_THROWS_AS(resolve_user("z", "", ""), UsageError);
}

TEST_CASE("a home that is no absolute path is the root directory") {
  CHECK(resolve_user("nohome", passwd, group).home == "/");
  CHECK(resolve_user("badhome", passwd, group).home == "/");
}

TEST_CASE(
    "unknown names are refused by name, with a way out, and without the terminal's control "
    "characters") {
  try {
    resolve_user("nob\x1b[2Jody", passwd, group);
    FAIL("resolved");
  } catch (const UsageError& error) {
    CHECK(std::string(error.what()) == "unknown user nob\\x1b[2Jody");
    CHECK_FALSE(error.hint().empty());
  }
  CHECK_THROWS_AS(resolve_user("alice:nobodies", passwd, group), UsageError);
}

TEST_CASE("the shell form of a user is what chroot(8) takes, with numbers that are no names") {
  CHECK_THAT((SetUser{1000, 1001, {4, 10}}.shell()),
             Catch::StartsWith("user='--userspec=+1000:+1001 --groups=+4,+10' "));
  CHECK_THAT(SetUser{}.shell(), Catch::StartsWith("user='--userspec=+0:+0 --groups=' "));
}

}  // namespace minirun::ns
