// Finds a user's numbers. The files are an image's, so they are read as hostile text. The first
// match wins, as in getpwnam(3). A line that isn't exactly what passwd(5) or group(5) describe
// counts as absent. runc's parser reads a malformed number as 0, so a typing error makes the user
// root; here the error is "no such user".
//
// A number in the spec is always an id, as in runc and Docker, even if passwd has a *name* of these
// digits. Not read: "+" lines of NIS, passwords, shells.
#include "namespaces/user.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

/// `map`: where the ids stand that this user namespace knows.
void check_id(long result, const std::string& attempt, const char* map);

}  // namespace

// The raw system calls, for this process has one thread and glibc can't know it: its wrappers would
// signal each thread that existed before clone3(2) and wait for their answers ("C library/kernel
// differences", setresuid(2)).
// LESSON: user
void SetUser::apply(Live&) const {
  check(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl PR_SET_KEEPCAPS");
  check_id(::syscall(SYS_setgroups, groups.size(), groups.data()),
           cat("setgroups to ", groups.size(), " supplementary groups"), "gid_map");
  check_id(::syscall(SYS_setresgid, gid, gid, gid), cat("setresgid ", gid), "gid_map");
  check_id(::syscall(SYS_setresuid, uid, uid, uid), cat("setresuid ", uid), "uid_map");
}

// By chroot(8) to where we are: "+" makes a number of a number, while setpriv(1) would look for it
// among the names, in the image's passwd and by the image's libnss_*.
std::string SetUser::shell() const {
  std::string list;
  for (const gid_t group : groups) list += cat(list.empty() ? "+" : ",+", group);
  return cat("user='--userspec=+", uid, ":+", gid, " --groups=", list,
             "'  # + is a number, never a name of the image's");
}

std::vector<std::string> SetUser::calls() const {
  std::string list;
  for (const gid_t group : groups) list += cat(list.empty() ? "" : ", ", group);
  return {call("prctl", "PR_SET_KEEPCAPS", 1),
          call("setgroups", groups.size(), groups.empty() ? "NULL" : cat("[", list, "]")),
          call("setresgid", gid, gid, gid), call("setresuid", uid, uid, uid)};
}

std::string SetUser::look() const { return "grep -E '^(Uid|Gid|Groups)' /proc/$PID/status"; }

namespace {

// UINT32_MAX is -1: "leave it as it is", chown(2), setresuid(2).
constexpr uint64_t max_id = UINT32_MAX - 1;
// No line of passwd is longer, but one of group may have many members.
constexpr size_t max_line = size_t{64} << 10;
constexpr size_t max_groups = 65536;  // NGROUPS_MAX, limits.h

struct PasswdEntry {
  std::string_view name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string_view home;
};

struct GroupEntry {
  std::string_view name;
  gid_t gid = 0;
  std::string_view members;
};

/// The fields of a line, if it has as many as it should.
std::optional<std::vector<std::string_view>> fields_of(std::string_view line, size_t count) {
  if (line.empty() || line.size() > max_line || line.find('\0') != std::string_view::npos)
    return {};
  if (static_cast<size_t>(std::count(line.begin(), line.end(), ':')) + 1 != count) return {};
  return split(line, ':');
}

std::optional<PasswdEntry> parse_passwd(std::string_view line) {
  const auto fields = fields_of(line, 7);
  if (!fields || (*fields)[0].empty()) return {};
  const auto uid = parse_number((*fields)[2], max_id);
  const auto gid = parse_number((*fields)[3], max_id);
  if (!uid || !gid) return {};
  return PasswdEntry{(*fields)[0], static_cast<uid_t>(*uid), static_cast<gid_t>(*gid),
                     (*fields)[5]};
}

std::optional<GroupEntry> parse_group(std::string_view line) {
  const auto fields = fields_of(line, 4);
  if (!fields || (*fields)[0].empty()) return {};
  const auto gid = parse_number((*fields)[2], max_id);
  if (!gid) return {};
  return GroupEntry{(*fields)[0], static_cast<gid_t>(*gid), (*fields)[3]};
}

/// Calls `visit` with each line until it returns true. Nothing is copied: the text may be the
/// megabyte that files.h allows.
template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (visit(text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

template <typename Match>
std::optional<PasswdEntry> find_user(std::string_view passwd, Match match) {
  std::optional<PasswdEntry> found;
  each_line(passwd, [&](std::string_view line) {
    const auto entry = parse_passwd(line);
    if (entry && match(*entry)) found = entry;
    return found.has_value();
  });
  return found;
}

std::optional<gid_t> find_group(std::string_view group, std::string_view name) {
  std::optional<gid_t> found;
  each_line(group, [&](std::string_view line) {
    const auto entry = parse_group(line);
    if (entry && entry->name == name) found = entry->gid;
    return found.has_value();
  });
  return found;
}

std::vector<gid_t> groups_of(std::string_view user, std::string_view group) {
  std::vector<gid_t> groups;
  each_line(group, [&](std::string_view line) {
    const auto entry = parse_group(line);
    if (!entry) return false;
    const auto members = split(entry->members, ',');
    const bool member = std::find(members.begin(), members.end(), user) != members.end();
    if (member && std::find(groups.begin(), groups.end(), entry->gid) == groups.end()) {
      groups.push_back(entry->gid);
    }
    return groups.size() == max_groups - 1;  // and one is the primary
  });
  return groups;
}

bool only_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The id that `text` is as a number; nullopt if it is a name. Throws where it is a number that
/// can't be an id.
std::optional<uint32_t> parse_id(std::string_view text, std::string_view what) {
  if (!only_digits(text)) return {};
  const auto id = parse_number(text, max_id);
  if (!id) {
    throw UsageError(cat(what, " id ", text, " is too large"), cat("ids go from 0 to ", max_id));
  }
  return static_cast<uint32_t>(*id);
}

/// "user" and, after a colon, "group", if there is one.
std::pair<std::string_view, std::optional<std::string_view>> split_spec(std::string_view spec) {
  const size_t colon = spec.find(':');
  if (colon == std::string_view::npos || colon + 1 == spec.size()) {
    return {spec.substr(0, colon), std::nullopt};
  }
  return {spec.substr(0, colon), spec.substr(colon + 1)};
}

void check_id(long result, const std::string& attempt, const char* map) {
  if (result == 0) return;
  const int number = errno;
  throw SysError(number, attempt,
                 number == EINVAL ? cat("that id has no mapping in the user namespace that minirun "
                                        "runs in: see /proc/self/",
                                        map,
                                        ", and choose another "
                                        "with -u")
                 : number == EPERM ? "a user namespace around minirun forbids it: see "
                                     "/proc/self/setgroups and CapEff in /proc/self/status"
                                   : "");
}

}  // namespace

UserSpec resolve_user(std::string_view user, std::string_view passwd, std::string_view group) {
  const auto parts = split_spec(user);
  const std::string_view user_part = parts.first;  // a lambda can't capture a structured binding
  const auto group_part = parts.second;
  const auto uid = user_part.empty() ? std::optional<uint32_t>(0) : parse_id(user_part, "user");
  const auto entry = find_user(passwd, [&](const PasswdEntry& candidate) {
    return uid ? candidate.uid == *uid : candidate.name == user_part;
  });
  if (!uid && !entry) {
    throw UsageError(
        cat("unknown user ", printable(user_part)),
        "the image's /etc/passwd has no such name; a number needs no entry: -u 1000:1000");
  }
  UserSpec result;
  result.uid = entry ? entry->uid : *uid;
  result.gid = entry ? entry->gid : 0;
  result.home = entry && entry->home.starts_with('/') ? entry->home : "/";
  if (group_part) {
    auto gid = parse_id(*group_part, "group");
    if (!gid) gid = find_group(group, *group_part);
    if (!gid) {
      throw UsageError(
          cat("unknown group ", printable(*group_part)),
          "the image's /etc/group has no such name; a number needs no entry: -u 1000:1000");
    }
    result.gid = *gid;
  } else if (entry) {
    result.groups = groups_of(entry->name, group);
    std::erase(result.groups, result.gid);
  }
  result.groups.insert(result.groups.begin(), result.gid);
  return result;
}

}  // namespace minirun::ns
