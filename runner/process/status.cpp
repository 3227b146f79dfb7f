#include "runner/process/status.h"

#include <charconv>

#include "runner/base/text.h"

namespace minirun::ns {
namespace {

constexpr uint64_t kthread_flag = 0x00200000;  // PF_KTHREAD, include/linux/sched.h
constexpr size_t flags_field = 6;              // of stat, counted after the name

/// The words between spaces and tabs.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  size_t start = 0;
  while ((start = text.find_first_not_of(" \t", start)) != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(" \t", start), text.size());
    words.push_back(text.substr(start, end - start));
    start = end;
  }
  return words;
}

uint64_t number(std::string_view word) { return parse_number(word).value_or(0); }

CapSet hex(std::string_view word) {
  CapSet set = 0;
  std::from_chars(word.data(), word.data() + word.size(), set, 16);
  return set;
}

Ids ids_of(std::string_view value) {
  const auto words = words_of(value);
  if (words.size() < 4) return {};
  const auto id = [&words](size_t i) { return static_cast<uint32_t>(number(words[i])); };
  return {id(0), id(1), id(2), id(3)};
}

template <typename Number>
std::vector<Number> numbers_of(std::string_view value) {
  std::vector<Number> numbers;
  for (const auto word : words_of(value)) numbers.push_back(static_cast<Number>(number(word)));
  return numbers;
}

void set_capability(ProcessStatus& status, std::string_view name, std::string_view value) {
  if (name == "CapInh") status.inheritable = hex(value);
  if (name == "CapPrm") status.permitted = hex(value);
  if (name == "CapEff") status.effective = hex(value);
  if (name == "CapBnd") status.bounding = hex(value);
  if (name == "CapAmb") status.ambient = hex(value);
}

void set_field(ProcessStatus& status, std::string_view name, std::string_view value) {
  if (name == "State") status.state = value;
  if (name == "Tgid") status.tgid = static_cast<pid_t>(number(value));
  if (name == "PPid") status.parent = static_cast<pid_t>(number(value));
  if (name == "Threads") status.threads = number(value);
  if (name == "NSpid") status.pids = numbers_of<uint64_t>(value);
  if (name == "Uid") status.uid = ids_of(value);
  if (name == "Gid") status.gid = ids_of(value);
  if (name == "Groups") status.groups = numbers_of<uint32_t>(value);
  if (name == "NoNewPrivs") status.no_new_privs = value == "1";
  if (name == "Seccomp") status.seccomp = static_cast<int>(number(value));
  if (name == "Seccomp_filters") status.seccomp_filters = number(value);
  set_capability(status, name, value);
}

}  // namespace

ProcessStatus parse_status(std::string_view text) {
  ProcessStatus status;
  // A newline in the process's name is written as "\n", so no name makes a line of its own.
  for (const std::string_view line : split(text, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const size_t start = line.find_first_not_of(" \t", colon + 1);
    set_field(status, line.substr(0, colon),
              start == std::string_view::npos ? "" : line.substr(start));
  }
  return status;
}

bool is_kernel_thread(std::string_view stat) {
  const size_t after_name = stat.rfind(')');
  if (after_name == std::string_view::npos) return false;
  const auto fields = words_of(stat.substr(after_name + 1));
  return fields.size() > flags_field && (number(fields[flags_field]) & kthread_flag) != 0;
}

std::vector<ProcessLimit> parse_limits(std::string_view text) {
  constexpr size_t name_width = 26;  // names have spaces: fs/proc/base.c, proc_pid_limits()
  const auto value = [](std::string_view word) {
    return word == "unlimited" ? std::nullopt : parse_number(word);
  };
  std::vector<ProcessLimit> limits;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("Max ") || line.size() <= name_width) continue;
    const std::string_view name = line.substr(0, line.find_last_not_of(' ', name_width - 1) + 1);
    const auto words = words_of(line.substr(name_width));
    if (words.size() < 2) continue;
    limits.push_back({std::string(name), value(words[0]), value(words[1]),
                      std::string(words.size() < 3 ? "" : words[2])});
  }
  return limits;
}

std::vector<IdRange> parse_id_map(std::string_view text) {
  std::vector<IdRange> map;
  for (const std::string_view line : split(text, '\n')) {
    const auto numbers = numbers_of<uint32_t>(line);
    if (numbers.size() == 3) map.push_back({numbers[0], numbers[1], numbers[2]});
  }
  return map;
}

bool is_identity(const std::vector<IdRange>& map) {
  return map == std::vector<IdRange>{{0, 0, UINT32_MAX}};
}

std::optional<uint32_t> id_inside(const std::vector<IdRange>& map, uint32_t outside) {
  for (const IdRange& range : map) {
    const bool is_in = outside >= range.outside && outside - range.outside < range.count;
    if (is_in) return range.inside + (outside - range.outside);
  }
  return std::nullopt;
}

std::vector<CgroupPath> parse_cgroups(std::string_view text) {
  std::vector<CgroupPath> groups;
  for (const std::string_view line : split(text, '\n')) {
    // The path is the rest of the line: a group's name may have a colon, and never a newline.
    const size_t first = line.find(':');
    const size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    CgroupPath group;
    group.hierarchy = number(line.substr(0, first));
    for (const auto name : split(line.substr(first + 1, second - first - 1), ',')) {
      if (!name.empty()) group.controllers.emplace_back(name);
    }
    group.path = line.substr(second + 1);
    groups.push_back(std::move(group));
  }
  return groups;
}

std::optional<uint64_t> namespace_inode(std::string_view link) {
  const size_t open = link.find(":[");
  if (open == std::string_view::npos || !link.ends_with(']')) return std::nullopt;
  return parse_number(link.substr(open + 2, link.size() - open - 3));
}

}  // namespace minirun::ns
