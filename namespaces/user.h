// Who the program runs as. The names were looked up before clone, in the image's own passwd and
// group; here are numbers.
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

/// Groups first, user last: after setresuid(2) the right to change groups may be gone. Capabilities
/// are kept across it (PR_SET_KEEPCAPS), for SetCapabilities to take away.
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

/// Resolves "name", "uid", "name:group", "uid:gid" (empty: root) against the text of the image's
/// own passwd and group files. Never NSS. "name:" is "name", ":group" is root with that group, as
/// with Docker. Throws UsageError for an unknown name, a number over 2^32-2, a number with anything
/// else in it. Unknown uid: gid 0. A group given: no other supplementary groups; else all of
/// /etc/group that list the user.
UserSpec resolve_user(std::string_view user, std::string_view passwd, std::string_view group);

}  // namespace minirun::ns
