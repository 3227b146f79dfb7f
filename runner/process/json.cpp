#include "runner/process/json.h"

#include <nlohmann/json.hpp>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json known(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json shown(const std::optional<std::string>& text) {
  return text ? Json(printable(*text)) : Json(nullptr);
}

Json shown(const std::vector<std::string>& words) {
  Json list = Json::array();
  for (const std::string& word : words) list.push_back(printable(word));
  return list;
}

Json namespaces_json(const ProcessFacts& facts) {
  Json json = Json::object();
  for (const NamespaceFact& fact : facts.namespaces) {
    json[fact.kind] = {{"inode", known(fact.inode)},
                       {"yours", known(fact.yours)},
                       {"shared", known(fact.shared())}};
  }
  return json;
}

Json mounts_json(const ProcessFacts& facts) {
  Json json = Json::array();
  for (const mount::MountLine& line : facts.mounts) {
    Json item = {{"id", line.id},
                 {"parent", line.parent},
                 {"device", printable(line.device)},
                 {"root", printable(line.root)},
                 {"point", printable(line.point)},
                 {"type", printable(line.type)},
                 {"source", printable(line.source)},
                 {"options", shown(line.options)},
                 {"super_options", shown(line.super_options)},
                 {"propagation", shown(line.propagation)}};
    if (const auto dirs = mount::overlay_dirs(line)) {
      item["overlay"] = {{"lower", shown(dirs->lower)},
                         {"upper", printable(dirs->upper)},
                         {"work", printable(dirs->work)}};
    }
    json.push_back(std::move(item));
  }
  return json;
}

Json ids_json(const ns::Ids& ids) {
  return {{"real", ids.real}, {"effective", ids.effective}, {"saved", ids.saved}, {"fs", ids.fs}};
}

Json map_json(const std::vector<ns::IdRange>& map) {
  Json json = Json::array();
  for (const ns::IdRange& range : map) {
    json.push_back({{"inside", range.inside}, {"outside", range.outside}, {"count", range.count}});
  }
  return json;
}

Json caps_json(ns::CapSet caps) {
  Json json = Json::array();
  const std::string names = ns::cap_names(caps);
  for (const auto name : split(names, ',')) {
    if (!name.empty()) json.push_back(name);
  }
  return json;
}

Json capabilities_json(const ns::ProcessStatus& status) {
  return {{"effective", caps_json(status.effective)},
          {"permitted", caps_json(status.permitted)},
          {"inheritable", caps_json(status.inheritable)},
          {"bounding", caps_json(status.bounding)},
          {"ambient", caps_json(status.ambient)}};
}

Json cgroups_json(const ProcessFacts& facts) {
  Json json = Json::array();
  for (const CgroupFact& fact : facts.cgroups) {
    Json limits = Json::array();
    for (const CgroupLimit& limit : fact.limits) {
      limits.push_back({{"file", limit.file},
                        {"value", printable(limit.value)},
                        {"directory", printable(limit.group)}});
    }
    const auto if_any = [](const std::string& text) {
      return text.empty() ? Json(nullptr) : Json(printable(text));
    };
    json.push_back({{"hierarchy", fact.path.hierarchy},
                    {"controllers", shown(fact.path.controllers)},
                    {"path", printable(fact.path.path)},
                    {"directory", if_any(fact.directory)},
                    {"problem", if_any(fact.problem)},
                    {"limits", limits}});
  }
  return json;
}

Json limits_json(const ProcessFacts& facts) {
  Json json = Json::array();
  for (const ns::ProcessLimit& limit : facts.limits) {
    json.push_back({{"name", printable(limit.name)},
                    {"soft", known(limit.soft)},
                    {"hard", known(limit.hard)},
                    {"unit", printable(limit.unit)}});
  }
  return json;
}

const char* seccomp_mode(int mode) {
  return mode == 0 ? "off" : mode == 1 ? "strict" : "filter";  // SECCOMP_MODE_*, linux/seccomp.h
}

}  // namespace

std::string explain_json(const ProcessFacts& facts) {
  const ns::ProcessStatus& status = facts.status;
  Json problems = Json::object();
  for (const auto& [field, why] : facts.problems) problems[field] = why;
  const Json json = {
      {"pid", facts.pid},
      {"comm", printable(facts.comm)},
      {"exe", shown(facts.exe)},
      {"command", shown(facts.command)},
      {"state", status.state},
      {"kernel_thread", facts.is_kernel_thread},
      {"zombie", status.is_zombie()},
      {"threads", status.threads},
      {"process", status.tgid},
      {"parent", {{"pid", status.parent}, {"comm", printable(facts.parent_comm)}}},
      {"pids", status.pids},
      {"in_container", known(facts.is_in_container())},
      {"namespaces", namespaces_json(facts)},
      {"root", shown(facts.root)},
      {"same_root_as_yours", known(facts.has_your_root)},
      {"cwd", shown(facts.cwd)},
      {"mounts", mounts_json(facts)},
      {"uid", ids_json(status.uid)},
      {"gid", ids_json(status.gid)},
      {"groups", status.groups},
      {"uid_map", map_json(facts.uid_map)},
      {"gid_map", map_json(facts.gid_map)},
      {"capabilities", capabilities_json(status)},
      {"no_new_privs", status.no_new_privs},
      {"seccomp",
       {{"mode", seccomp_mode(status.seccomp)}, {"filters", known(status.seccomp_filters)}}},
      {"securebits", nullptr},
      {"label", shown(facts.label)},
      {"cgroups", cgroups_json(facts)},
      {"limits", limits_json(facts)},
      {"oom_score_adj", known(facts.oom_score_adj)},
      {"problems", problems}};
  return json.dump(2) + "\n";
}

}  // namespace minirun
