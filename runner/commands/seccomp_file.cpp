#include "runner/commands/seccomp_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include <algorithm>
#include <initializer_list>

#include "image/document/json.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

using image::JsonValue;

#ifdef __x86_64__
constexpr std::string_view own_architecture = "SCMP_ARCH_X86_64", own_name = "amd64";
#else
constexpr std::string_view own_architecture = "SCMP_ARCH_AARCH64", own_name = "arm64";
#endif

/// A rule that is overlooked is a hole, so what isn't known is an error.
void require_known(const JsonValue& object, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.members()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      value.fail("minirun doesn't know this field");
    }
  }
}

std::optional<unsigned> errno_of(const JsonValue& number, const JsonValue& name) {
  constexpr int most = 4095;  // MAX_ERRNO, include/linux/err.h
  if (number) {
    const uint64_t value = number.unsigned_number();
    if (value > most) number.fail("is no errno");
    return static_cast<unsigned>(value);
  }
  const std::string wanted = name.string();
  if (wanted.empty()) return {};
  for (int each = 1; each <= most; ++each) {
    const char* known = ::strerrorname_np(each);
    if (known != nullptr && wanted == known) return static_cast<unsigned>(each);
  }
  name.fail("is no errno");
}

/// The first two numbers of a kernel's release.
std::pair<uint64_t, uint64_t> version_of(std::string_view release, const JsonValue* place) {
  const size_t dot = release.find('.');
  const auto digits = [](std::string_view text) {
    return text.substr(0, text.find_first_not_of("0123456789"));
  };
  const auto major = parse_number(digits(release));
  const auto minor = dot == std::string_view::npos ? std::optional<uint64_t>()
                                                   : parse_number(digits(release.substr(dot + 1)));
  if ((!major || !minor) && place != nullptr) place->fail("is no kernel version, such as 4.8");
  return {major.value_or(0), minor.value_or(0)};
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool has_cap(const std::string& name, const ProfileFor& whom) {
  return (whom.caps & ns::parse_cap(name)) != 0;
}

bool has_kernel(const JsonValue& least, const ProfileFor& whom) {
  return version_of(whom.kernel, nullptr) >= version_of(least.string(), &least);
}

/// All that "includes" names must be so, and nothing that "excludes" names.
bool applies(const JsonValue& rule, const ProfileFor& whom) {
  const JsonValue includes = rule["includes"], excludes = rule["excludes"];
  for (const JsonValue& filter : {includes, excludes}) {
    if (filter) require_known(filter, {"caps", "arches", "minKernel"});
  }
  const auto has = [&whom](const std::string& name) { return has_cap(name, whom); };
  if (includes) {
    const auto caps = includes["caps"].strings(), arches = includes["arches"].strings();
    if (!std::all_of(caps.begin(), caps.end(), has)) return false;
    if (!arches.empty() && !contains(arches, own_name)) return false;
    if (includes["minKernel"] && !has_kernel(includes["minKernel"], whom)) return false;
  }
  if (excludes) {
    const auto caps = excludes["caps"].strings(), arches = excludes["arches"].strings();
    if (std::any_of(caps.begin(), caps.end(), has)) return false;
    if (contains(arches, own_name)) return false;
    if (excludes["minKernel"] && has_kernel(excludes["minKernel"], whom)) return false;
  }
  return true;
}

ns::SeccompProfile::Rule rule_of(const JsonValue& value) {
  require_known(value, {"names", "name", "action", "errnoRet", "errno", "args", "comment",
                        "includes", "excludes"});
  ns::SeccompProfile::Rule rule;
  rule.names = value["names"].strings();
  if (value["name"]) rule.names.push_back(value["name"].string());
  if (rule.names.empty()) value.fail("names no system call");
  rule.action = value["action"].string();
  rule.errno_ret = errno_of(value["errnoRet"], value["errno"]);
  for (const JsonValue& argument : value["args"].items()) {
    require_known(argument, {"index", "value", "valueTwo", "op"});
    const uint64_t index = argument["index"].unsigned_number();
    rule.arguments.push_back({static_cast<unsigned>(std::min<uint64_t>(index, UINT32_MAX)),
                              argument["op"].string(), argument["value"].unsigned_number(),
                              argument["valueTwo"].unsigned_number()});
  }
  return rule;
}

/// "architectures" as they are, or of "archMap" the entry of this machine.
std::vector<std::string> architectures_of(const JsonValue& root) {
  std::vector<std::string> names = root["architectures"].strings();
  for (const JsonValue& entry : root["archMap"].items()) {
    require_known(entry, {"architecture", "subArchitectures"});
    if (entry["architecture"].string() != own_architecture) continue;
    const auto more = entry["subArchitectures"].strings();
    names.insert(names.end(), more.begin(), more.end());
  }
  return names;
}

}  // namespace

ns::SeccompProfile parse_seccomp_profile(std::string_view text, const std::string& name,
                                         const ProfileFor& whom) {
  const image::JsonDocument document(text, name);
  const JsonValue root = document.root();
  require_known(root, {"defaultAction", "defaultErrnoRet", "defaultErrno", "architectures",
                       "archMap", "syscalls"});
  if (!root["defaultAction"]) root.fail("has no defaultAction");
  ns::SeccompProfile profile;
  profile.default_action = root["defaultAction"].string();
  profile.default_errno = errno_of(root["defaultErrnoRet"], root["defaultErrno"]);
  profile.architectures = architectures_of(root);
  for (const JsonValue& value : root["syscalls"].items()) {
    auto rule = rule_of(value);
    if (applies(value, whom)) profile.rules.push_back(std::move(rule));
  }
  return profile;
}

ns::SeccompProfile read_seccomp_profile(const std::string& path, ns::CapSet caps) {
  utsname kernel{};
  check(::uname(&kernel), "uname");
  return parse_seccomp_profile(files::read_file(AT_FDCWD, path, image::max_json_size), path,
                               {caps, kernel.release});
}

}  // namespace minirun
