// The program's user and groups. Names are looked up before clone, in the image's own passwd and
// group, so the step has numbers only.
//
// Source: setgroups(2), setresgid(2), setresuid(2); credentials(7); capabilities(7) "Effect of user
// ID changes".
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// Sets groups first and the user last: after setresuid(2) the process may have no right to change
/// groups. Keeps the permitted capabilities (PR_SET_KEEPCAPS); SetCapabilities drops them later.
struct SetUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetUser&) const = default;
};

struct UserSpec {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary, `gid` first (CVE-2022-36109)
  std::string home;           ///< from passwd; "/" if it isn't there
};

/// Looks "name", "uid", "name:group" or "uid:gid" (empty: root) up in the text of the image's own
/// passwd and group files. Never uses NSS. "name:" is "name", and ":group" is root with that group,
/// as in Docker. An unknown uid has gid 0. If a group is given, there are no supplementary groups;
/// else they are all groups of /etc/group that list the user. Throws UsageError for an unknown
/// name, a number over 2^32-2, or a number with other characters.
UserSpec resolve_user(std::string_view user, std::string_view passwd, std::string_view group);

}  // namespace minirun::ns
