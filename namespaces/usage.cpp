#include "namespaces/usage.h"

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

/// A file that counts, and the controller that keeps it.
struct Counter {
  std::string_view controller;
  const char* file;
};
using Counters = std::array<Counter, 5>;

// A lookup of a file that is not there costs 8 microseconds of each start. So the first file of a
// controller tells whether the controller is there at all.
constexpr Counters of_v2 = {{{"cpu", "cpu.stat"},
                             {"memory", "memory.events"},
                             {"memory", "memory.max"},
                             {"memory", "memory.peak"},  // since Linux 5.19
                             {"pids", "pids.peak"}}};    // since Linux 6.1
constexpr Counters of_v1 = {{{"cpuacct", "cpuacct.usage"},
                             {"memory", "memory.oom_control"},
                             {"memory", "memory.limit_in_bytes"},
                             {"memory", "memory.max_usage_in_bytes"},
                             {"pids", "pids.peak"}}};

const Counters& counters_of(const Cgroup& cgroup) { return cgroup.is_v1 ? of_v1 : of_v2; }

/// What a file says, added to what is known.
void add(Usage& usage, std::string_view file, std::string_view text);

/// One line for a person: what the kernel did, and the two numbers that explain it.
std::string killed_words(const Usage& usage);

}  // namespace

// LESSON: usage
void ReadUsage::apply(Live& live) const {
  for (const Cgroup& cgroup : cgroups) {
    const auto dir = files::open_if_exists(AT_FDCWD, cgroup.path, O_PATH | O_DIRECTORY);
    if (!dir) continue;
    std::string_view absent;  // a controller
    for (const auto& [controller, name] : counters_of(cgroup)) {
      if (controller == absent) continue;
      if (const auto file = files::open_if_exists(dir->get(), name, O_RDONLY)) {
        add(live.usage, name, files::read_all(file->get(), name, 1 << 16));
      } else {
        absent = controller;
      }
    }
  }
  if (live.usage.oom_kills > 0) live.note = killed_words(live.usage);
}

// What isn't there is passed over. Only an OOM kill is said; the rest can be read in these files.
std::string ReadUsage::shell() const {
  std::string text;
  for (const Cgroup& cgroup : cgroups) {
    const char* name = cgroup.is_v1 ? "/memory.oom_control" : "/memory.events";
    const std::string file = shell_quote(cgroup.path + name);
    text += cat(text.empty() ? "" : "\n", "[ ! -e ", file,
                " ] || while read -r word count; do\n"
                "  [ \"$word\" != oom_kill ] || [ \"$count\" = 0 ] ||\n"
                "    echo \"out of memory: the kernel killed $count\" >&2\n"
                "done < ",
                file);
  }
  return text;
}

std::vector<std::string> ReadUsage::calls() const {
  std::vector<std::string> list;
  for (const Cgroup& cgroup : cgroups) {
    for (const Counter& counter : counters_of(cgroup)) {
      append(list, only_if("there", {call("openat", unknown(cgroup.path), c_string(counter.file),
                                          "O_RDONLY|O_CLOEXEC")}));
    }
  }
  return list;
}

std::string ReadUsage::look() const { return {}; }

namespace {

/// The number behind a word: "oom_kill 1" in a file of several lines.
std::optional<uint64_t> number_after(std::string_view text, std::string_view word) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(word) && line.substr(word.size()).starts_with(' ')) {
      return parse_number(line.substr(word.size() + 1));
    }
  }
  return {};
}

std::optional<uint64_t> whole_number(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return parse_number(text);
}

void add(Usage& usage, std::string_view file, std::string_view text) {
  if (file == "cpu.stat") {
    usage.cpu_us = number_after(text, "usage_usec");
  } else if (file == "cpuacct.usage") {
    if (const auto nanoseconds = whole_number(text)) usage.cpu_us = *nanoseconds / 1000;
  } else if (file == "memory.peak" || file == "memory.max_usage_in_bytes") {
    usage.memory_peak = whole_number(text);
  } else if (file == "memory.events" || file == "memory.oom_control") {
    usage.oom_kills = number_after(text, "oom_kill").value_or(0);
  } else if (file == "memory.max" || file == "memory.limit_in_bytes") {
    usage.memory_limit = whole_number(text);  // none for "max"
  } else if (file == "pids.peak") {
    usage.pids_peak = whole_number(text);
  }
}

std::string bytes_in_words(const std::optional<uint64_t>& bytes) {
  if (!bytes) return "unknown";
  const bool is_round = (*bytes & ((1 << 20) - 1)) == 0;
  return is_round ? cat(*bytes >> 20, " MiB") : cat(*bytes >> 10, " KiB");
}

std::string killed_words(const Usage& usage) {
  return cat("out of memory: the kernel killed ", usage.oom_kills,
             usage.oom_kills == 1 ? " process" : " processes", " of the container; its limit is ",
             bytes_in_words(usage.memory_limit), ", its peak was ",
             bytes_in_words(usage.memory_peak));
}

}  // namespace

}  // namespace minirun::ns
