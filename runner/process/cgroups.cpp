// Where a process's cgroups can be seen, and what they allow.
//
// A limit holds for a group and all below it, so the one that counts may be set above: each file is
// looked for on the way up, and the tightest is told.
//
// Source: cgroups(7); cgroup_namespaces(7); cgroup-v2.rst, "Controllers".
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/base/unique_fd.h"
#include "runner/process/facts.h"

namespace minirun {
namespace {

constexpr uint64_t v1_unlimited = 1ULL << 62;  // v1 writes "no limit" as LONG_MAX in whole pages

std::optional<std::string> read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::array<char, 4096> text{};
  const ssize_t length = ::read(fd.get(), text.data(), text.size());
  if (length <= 0) return std::nullopt;
  std::string content(text.data(), static_cast<size_t>(length));
  content.erase(content.find_last_not_of(" \n") + 1);
  return content;
}

/// How tight a value is: less is tighter. nullopt where it limits nothing.
using Tightness = std::optional<double> (*)(const std::string& group, const std::string& value);

std::optional<double> number(const std::string& /*group*/, const std::string& value) {
  const auto parsed = parse_number(value);  // "max" and "-1" are none
  if (!parsed || *parsed >= v1_unlimited) return std::nullopt;
  return static_cast<double>(*parsed);
}

/// "50000 100000": so many microseconds in each so many.
std::optional<double> share(const std::string& /*group*/, const std::string& value) {
  const auto words = split(value, ' ');
  const auto quota = parse_number(words[0]);
  const auto period = words.size() < 2 ? std::nullopt : parse_number(words[1]);
  if (!quota || !period || *period == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> share_v1(const std::string& group, const std::string& value) {
  return share(group, cat(value, " ", read_file(group + "/cpu.cfs_period_us").value_or("0")));
}

struct LimitFile {
  const char* controller;  // of v1; empty: of v2
  const char* name;
  Tightness tightness;
};
constexpr std::array<LimitFile, 8> limit_files = {{
    {"", "memory.max", number},
    {"", "memory.high", number},
    {"", "memory.swap.max", number},
    {"", "pids.max", number},
    {"", "cpu.max", share},
    {"memory", "memory.limit_in_bytes", number},
    {"pids", "pids.max", number},
    {"cpu", "cpu.cfs_quota_us", share_v1},
}};

bool belongs(const ns::CgroupPath& path, const std::string& controller) {
  if (controller.empty()) return path.hierarchy == 0;
  return std::find(path.controllers.begin(), path.controllers.end(), controller) !=
         path.controllers.end();
}

/// A mount of the hierarchy, and the part of the group's path that is below what is mounted.
struct Seen {
  std::string point, below;
};

std::optional<Seen> seen_through(const mount::MountLine& mount, const ns::CgroupPath& path) {
  if (mount.type != (path.hierarchy == 0 ? "cgroup2" : "cgroup")) return std::nullopt;
  const auto& options = mount.super_options;
  const bool has_all = std::all_of(
      path.controllers.begin(), path.controllers.end(), [&options](const auto& controller) {
        return std::find(options.begin(), options.end(), controller) != options.end();
      });
  if (!has_all) return std::nullopt;
  if (mount.root == "/") return Seen{mount.point, path.path == "/" ? "" : path.path};
  if (path.path == mount.root) return Seen{mount.point, ""};
  if (path.path.starts_with(mount.root + "/")) {
    return Seen{mount.point, path.path.substr(mount.root.size())};
  }
  return std::nullopt;
}

/// v1 has a cpuset's processors in cpuset.cpus; v2 leaves that empty where they are the parent's.
void add_cpuset(CgroupFact& fact, const std::string& point) {
  const std::string file = fact.path.hierarchy == 0 ? "cpuset.cpus.effective" : "cpuset.cpus";
  const auto its = read_file(cat(fact.directory, "/", file));
  const auto all = read_file(cat(point, "/", file));
  if (!its || its == all) return;
  fact.limits.push_back({file, *its, fact.directory});
}

void add_limits(CgroupFact& fact, const Seen& seen) {
  for (const LimitFile& file : limit_files) {
    if (!belongs(fact.path, file.controller)) continue;
    double tightest = std::numeric_limits<double>::infinity();
    std::optional<CgroupLimit> limit;
    for (std::string below = seen.below;; below.resize(below.find_last_of('/'))) {
      const std::string group = seen.point + below;
      const auto value = read_file(cat(group, "/", file.name));
      const auto tightness = value ? file.tightness(group, *value) : std::nullopt;
      if (tightness && *tightness < tightest) {
        tightest = *tightness;
        limit = CgroupLimit{file.name, *value, group};
        if (file.tightness == share_v1) {
          limit->value += cat(" ", read_file(group + "/cpu.cfs_period_us").value_or("0"));
        }
      }
      if (below.empty()) break;
    }
    if (limit) fact.limits.push_back(std::move(*limit));
  }
  if (belongs(fact.path, fact.path.hierarchy == 0 ? "" : "cpuset")) add_cpuset(fact, seen.point);
}

CgroupFact fact_of(const ns::CgroupPath& path, const std::vector<mount::MountLine>& mounts) {
  CgroupFact fact{path, "", "", {}};
  // "/../x": above the root of our cgroup namespace. Joined to a mount point it leads elsewhere.
  if (path.path.starts_with("/..")) {
    fact.problem = "outside of your cgroup namespace";
    return fact;
  }
  for (const mount::MountLine& mount : mounts) {
    const auto seen = seen_through(mount, path);
    if (!seen) continue;
    fact.directory = seen->point + seen->below;
    if (::access(fact.directory.c_str(), F_OK) == -1) {
      fact.directory.clear();
      fact.problem = "the group has been removed";
      return fact;
    }
    add_limits(fact, *seen);
    return fact;
  }
  fact.problem = "this hierarchy is mounted nowhere where you see it";
  return fact;
}

}  // namespace

std::vector<CgroupFact> read_cgroups(const std::vector<ns::CgroupPath>& paths,
                                     const std::vector<mount::MountLine>& mounts) {
  std::vector<CgroupFact> facts;
  facts.reserve(paths.size());
  for (const ns::CgroupPath& path : paths) facts.push_back(fact_of(path, mounts));
  return facts;
}

}  // namespace minirun
