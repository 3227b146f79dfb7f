// The options of a tmpfs, for --tmpfs and --mount: flags of a mount, and options of the file
// system. Checks their values, so an error is reported before anything is made.
//
// Source: tmpfs(5); mount(8), "FILESYSTEM-INDEPENDENT MOUNT OPTIONS".
#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/mounts.h"

namespace minirun {
namespace {

/// What a word adds to the MOUNT_ATTR_* of a mount, and what it takes away.
struct Flag {
  std::string_view word;
  uint64_t set, clear;
};

constexpr uint64_t atime = MOUNT_ATTR__ATIME;
constexpr auto flags = std::to_array<Flag>({
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"noatime", MOUNT_ATTR_NOATIME, atime},
    {"strictatime", MOUNT_ATTR_STRICTATIME, atime},
    {"atime", 0, atime},
    {"relatime", 0, atime},
    {"norelatime", 0, atime},
    {"nostrictatime", 0, atime},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"async", 0, 0},
    {"defaults", 0, 0},
});

bool is_number(std::string_view text) { return parse_number(text, UINT32_MAX - 1).has_value(); }

/// "64m", "1G", "4096"; of a size also "50%" of the memory.
bool is_amount(std::string_view text) {
  if (!text.empty() &&
      std::string_view("kKmMgGtTpPeE").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  return parse_number(text).has_value();
}

bool is_size(std::string_view text) {
  if (!text.ends_with('%')) return is_amount(text);
  return parse_number(text.substr(0, text.size() - 1)).has_value();
}

bool is_mode(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("01234567") == std::string_view::npos &&
         (text.size() < 5 || text.front() == '0');
}

bool is_memory_policy(std::string_view text) {
  static constexpr std::array<std::string_view, 5> policies = {"default", "prefer", "bind",
                                                               "interleave", "local"};
  const std::string_view policy = text.substr(0, text.find_first_of(":="));
  return std::find(policies.begin(), policies.end(), policy) != policies.end();
}

/// An option with a value.
struct Valued {
  std::string_view key;
  bool (*is_meant)(std::string_view value);
  const char* example;
};

constexpr auto valued = std::to_array<Valued>({
    {"size", is_size, "size=64m or size=10%"},
    {"nr_blocks", is_amount, "nr_blocks=1000"},
    {"nr_inodes", is_amount, "nr_inodes=1000"},
    {"mode", is_mode, "mode=1777, which is octal"},
    {"uid", is_number, "uid=1000"},
    {"gid", is_number, "gid=1000"},
    {"mpol", is_memory_policy, "mpol=interleave:0-1"},
});

template <typename Table, typename Key>
auto find_row(const Table& table, Key Table::value_type::*key, std::string_view word) {
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const auto& candidate) { return candidate.*key == word; });
  return row == table.end() ? nullptr : &*row;
}

}  // namespace

void add_tmpfs_option(MountSpec& mount, std::string_view word, std::string_view option) {
  if (word.empty()) return;
  if (const Flag* flag = find_row(flags, &Flag::word, word)) {
    mount.attributes = (mount.attributes & ~flag->clear) | flag->set;
    return;
  }
  if (word == "dev") {
    throw UsageError(cat(option, ": no mount of a container but its /dev has devices"),
                     "leave dev out");
  }
  const size_t equals = word.find('=');
  const Valued* known = find_row(valued, &Valued::key, word.substr(0, equals));
  if (known != nullptr) {
    const bool has_value = equals != std::string_view::npos;
    if (!has_value || !known->is_meant(word.substr(equals + 1))) {
      throw UsageError(cat(option, ": ", word, " can't be meant"), cat("as in ", known->example));
    }
  } else if (word != "sync" && word != "dirsync") {
    throw UsageError(cat(option, ": unknown option ", word),
                     "size=, mode=, uid=, gid=, nr_inodes=, mpol=, ro, exec, suid, noatime, sync; "
                     "see tmpfs(5)");
  }
  mount.options.emplace_back(word);
}

}  // namespace minirun
