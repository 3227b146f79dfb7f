// Who a process is, what it may do, and how much it may take.
#include <array>
#include <cstdio>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/process/parts.h"

namespace minirun::explain {
namespace {

bool has_own_users(const ProcessFacts& facts) { return facts.shares("user") == false; }

std::string id_words(uint32_t id, const std::vector<ns::IdRange>& map, bool has_own_users) {
  if (!has_own_users) return std::to_string(id);
  const auto inside = ns::id_inside(map, id);
  return cat(id, " (", inside ? cat(*inside, " inside") : "not mapped inside", ")");
}

std::string ids_words(const ns::Ids& ids, const std::vector<ns::IdRange>& map, bool own) {
  const bool are_equal = ids == ns::Ids{ids.real, ids.real, ids.real, ids.real};
  if (are_equal) {
    return cat(id_words(ids.real, map, own),
               " in all four: real, effective, saved and file system's");
  }
  return cat("real ", id_words(ids.real, map, own), ", effective ",
             id_words(ids.effective, map, own), ", saved ", id_words(ids.saved, map, own),
             ", file system's ", id_words(ids.fs, map, own));
}

std::string range_words(uint32_t first, uint32_t count) {
  return count == 1 ? std::to_string(first) : cat(first, " to ", uint64_t{first} + count - 1);
}

std::string map_words(const ProcessFacts& facts, const std::vector<ns::IdRange>& map,
                      const std::string& field) {
  if (facts.problems.contains(field)) return unread(facts, field);
  if (map.empty()) return "empty: inside, everybody is nobody (65534)";
  if (ns::is_identity(map)) return "every id is itself, inside and outside";
  std::vector<std::string> ranges;
  ranges.reserve(map.size());
  for (const ns::IdRange& range : map) {
    ranges.push_back(cat(range_words(range.inside, range.count), " inside ",
                         range.count == 1 ? "is " : "are ", range_words(range.outside, range.count),
                         has_own_users(facts) ? " for you" : " in the user namespace above"));
  }
  return page::enumerated(ranges) + "; others don't exist inside";
}

std::string groups_words(const ProcessFacts& facts) {
  std::vector<std::string> groups;
  for (const uint32_t group : facts.status.groups) {
    groups.push_back(id_words(group, facts.gid_map, has_own_users(facts)));
  }
  return groups.empty() ? "none beside it" : page::enumerated(groups);
}

std::string caps_words(ns::CapSet set, ns::CapSet effective) {
  if (set != 0 && set == effective) return "the same";
  return ns::cap_words(set);
}

std::string seccomp_words(const ns::ProcessStatus& status) {
  if (status.seccomp == 0) return "off: it may make every system call";
  if (status.seccomp == 1) return "strict: it may read, write and exit, and no more";
  const std::string filters =
      status.seccomp_filters ? page::counted(*status.seccomp_filters, "filter") : "filters";
  return cat(filters, ": of each system call a program decides whether it is made (seccomp(2))");
}

std::string limit_words(const CgroupLimit& limit) {
  if (limit.file.starts_with("memory.")) {
    const auto bytes = parse_number(limit.value);
    return bytes ? human_size(*bytes) : "not a size";
  }
  if (limit.file == "pids.max") return "processes and threads, at most";
  if (!limit.file.starts_with("cpu.")) return "processors";
  const auto words = split(limit.value, ' ');
  const auto quota = static_cast<double>(parse_number(words[0]).value_or(0));
  const auto period =
      static_cast<double>(words.size() < 2 ? 0 : parse_number(words[1]).value_or(0));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f processors", period == 0 ? 0 : quota / period);
  return text.data();
}

std::string hierarchy_name(const ns::CgroupPath& path) {
  if (path.hierarchy == 0) return "v2";
  std::string name;
  for (const std::string& word : path.controllers) name += cat(name.empty() ? "" : ",", word);
  return printable(name);
}

bool is_plain(const CgroupFact& fact) { return fact.limits.empty() && fact.problem.empty(); }

std::string limits_words(const CgroupFact& fact) {
  std::string text = row(hierarchy_name(fact.path), printable(fact.path.path));
  if (!fact.problem.empty()) text += row("", "limits not known: " + printable(fact.problem));
  for (const CgroupLimit& limit : fact.limits) {
    text += row("", cat(limit.file, " ", printable(limit.value), " (", limit_words(limit), "), in ",
                        printable(limit.group)));
  }
  return text;
}

/// "8388608 bytes (8.0 MiB), and it may raise that to 16777216"
std::string limit_words(const ns::ProcessLimit& limit) {
  const auto words = [&limit](std::optional<uint64_t> value) {
    if (!value) return std::string("no limit");
    const std::string size = *value >= 1024 ? cat(" (", human_size(*value), ")") : "";
    return cat(*value, limit.unit.empty() ? "" : " ", printable(limit.unit),
               limit.unit == "bytes" ? size : "");
  };
  if (limit.hard == limit.soft) return words(limit.soft);
  return cat(words(limit.soft), limit.hard ? cat(", and it may raise that to ", *limit.hard)
                                           : ", and it may raise that without end");
}

/// In a column that is wide enough for "realtime priority".
std::string limit_row(std::string_view name, std::string_view text) { return row(name, text, 21); }

}  // namespace

std::string ids_part(const ProcessFacts& facts) {
  const bool own = has_own_users(facts);
  return cat("WHO IT IS\n", row("user id", ids_words(facts.status.uid, facts.uid_map, own)),
             row("group id", ids_words(facts.status.gid, facts.gid_map, own)),
             row("groups", groups_words(facts)),
             row("uid map", map_words(facts, facts.uid_map, "uid_map")),
             row("gid map", map_words(facts, facts.gid_map, "gid_map")));
}

std::string powers_part(const ProcessFacts& facts) {
  const ns::ProcessStatus& status = facts.status;
  std::string part =
      cat("WHAT IT MAY DO\n",
          page::wrapped("  ",
                        cat("Root's powers, one by one (capabilities(7)). effective: those it has "
                            "now. permitted: those it can take up. bounding: the most that a "
                            "program it starts can get. inheritable and ambient: what such a "
                            "program keeps without being root's. grep Cap /proc/",
                            facts.pid, "/status")),
          row("effective", ns::cap_words(status.effective)),
          row("permitted", caps_words(status.permitted, status.effective)),
          row("bounding", caps_words(status.bounding, status.effective)),
          row("inheritable", caps_words(status.inheritable, status.effective)),
          row("ambient", caps_words(status.ambient, status.effective)));
  if (has_own_users(facts)) {
    part += row("",
                "They hold over what belongs to its own user namespace, and over nothing of "
                "yours (user_namespaces(7)).");
  }
  part += row("no_new_privs", status.no_new_privs
                                  ? "on: no setuid program and no capable file gives it more"
                                  : "off: a setuid program or a capable file can give it more");
  part += row("seccomp", seccomp_words(status));
  part += row("securebits",
              "/proc has no word of them: only the process itself can ask "
              "(prctl(2), PR_GET_SECUREBITS)");
  return part + row("label", facts.label ? printable(*facts.label) : unread(facts, "label"));
}

std::string cgroups_part(const ProcessFacts& facts) {
  std::string part = cat("HOW MUCH IT MAY TAKE\n",
                         page::wrapped("  ", cat("Its cgroups, and the limits that they or those "
                                                 "above them set (cgroups(7)). cat /proc/",
                                                 facts.pid, "/cgroup")));
  if (facts.cgroups.empty()) return part + row("cgroups", unread(facts, "cgroups"));
  // On a host of v1 most hierarchies have nothing to say, and say it in one line.
  std::map<std::string, std::vector<std::string>> plain;
  for (const CgroupFact& fact : facts.cgroups) {
    if (is_plain(fact)) {
      plain[fact.path.path].push_back(hierarchy_name(fact.path));
    } else {
      part += limits_words(fact);
    }
  }
  for (const auto& [path, names] : plain) {
    part += row("no limit", cat(printable(path), " of ", page::enumerated(names)));
  }
  return part;
}

std::string limits_part(const ProcessFacts& facts) {
  std::string part =
      cat("LIMITS OF EACH PROCESS\n",
          page::wrapped("  ", cat("What a process may take by itself, whatever its group takes. A "
                                  "program it starts gets the same (getrlimit(2)). cat /proc/",
                                  facts.pid, "/limits")));
  std::vector<std::string> unlimited;
  for (const ns::ProcessLimit& limit : facts.limits) {
    const std::string name = printable(limit.name.substr(std::string_view("Max ").size()));
    if (!limit.soft && !limit.hard) {
      unlimited.push_back(name);
    } else {
      part += limit_row(name, limit_words(limit));
    }
  }
  if (facts.limits.empty()) part += limit_row("limits", unread(facts, "limits"));
  if (!unlimited.empty()) part += limit_row("no limit", page::enumerated(unlimited));
  const std::string score =
      facts.oom_score_adj ? std::to_string(*facts.oom_score_adj) : unread(facts, "oom_score_adj");
  return part +
         limit_row("oom_score_adj",
                   score +
                       ": where memory is short the kernel kills the process with the highest "
                       "score first; from -1000, never, to 1000 (proc(5))");
}

}  // namespace minirun::explain
