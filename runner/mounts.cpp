#include "runner/mounts.h"

#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "mount/volume.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun {

void check_target(const std::string& target, std::string_view option) {
  static constexpr std::array<std::string_view, 4> whole = {"/", "/proc", "/sys", "/dev"};
  static constexpr std::array<std::string_view, 2> below = {"/proc/", "/sys/"};
  const bool refused =
      std::find(whole.begin(), whole.end(), target) != whole.end() ||
      std::any_of(below.begin(), below.end(), [&](auto dir) { return target.starts_with(dir); });
  if (refused) {
    throw UsageError(
        cat(option, ": nothing can be mounted on ", target),
        "the container's root, /proc, /sys and /dev are its own; choose another target");
  }
}

namespace {

std::string absolute_target(std::string_view target, std::string_view option) {
  if (!target.starts_with('/')) {
    throw UsageError(cat(option, ": the target must be an absolute path in the container"),
                     "SOURCE:/absolute/TARGET");
  }
  std::string clean = clean_absolute(target);
  check_target(clean, option);
  return clean;
}

std::string host_path(std::string_view source, const std::string& cwd, std::string_view option) {
  if (!source.starts_with('/') && cwd.empty()) {
    throw UsageError(cat(option, ": the directory that you stand in was removed"),
                     "cd to one that exists, or give the whole path of the source");
  }
  return clean_absolute(source.starts_with('/') ? std::string(source) : cat(cwd, "/", source));
}

void set_volume_name(MountSpec& mount, std::string_view name, std::string_view option) {
  if (!mount::is_volume_name(name)) {
    throw UsageError(cat(option, ": ", name, " is no volume name"),
                     "letters, digits, _ . - (a path of yours begins with / or ./)");
  }
  mount.source = name;
}

/// One of a file system's option words, if it is one of the flags that every mount has: mount(8).
bool set_attribute(MountSpec& mount, std::string_view word) {
  struct Flag {
    std::string_view on, off;
    uint64_t attribute;
  };
  static constexpr std::array<Flag, 4> flags = {{{"ro", "rw", MOUNT_ATTR_RDONLY},
                                                 {"nosuid", "suid", MOUNT_ATTR_NOSUID},
                                                 {"nodev", "", MOUNT_ATTR_NODEV},
                                                 {"noexec", "exec", MOUNT_ATTR_NOEXEC}}};
  for (const Flag& flag : flags) {
    if (word == flag.on) mount.attributes |= flag.attribute;
    if (word == flag.off) mount.attributes &= ~flag.attribute;
    if (word == flag.on || word == flag.off) return true;
  }
  return false;
}

MountSpec plain_tmpfs(std::string target) {
  MountSpec mount;
  mount.kind = MountSpec::Kind::tmpfs;
  mount.source = "tmpfs";
  mount.target = std::move(target);
  mount.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;  // Docker's default
  return mount;
}

}  // namespace

MountSpec parse_volume_option(std::string_view text, const std::string& cwd) {
  const std::string option = cat("-v ", text);
  const auto parts = split(text, ':');
  if (parts.size() > 3) throw UsageError(cat(option, ": too many colons"), "SOURCE:TARGET[:ro]");
  MountSpec mount;
  if (parts.size() == 1) {  // DST alone: a volume that nobody named
    mount.kind = MountSpec::Kind::volume;
    mount.target = absolute_target(parts[0], option);
    return mount;
  }
  const std::string_view source = parts[0];
  mount.target = absolute_target(parts[1], option);
  if (source.starts_with('/') || source.starts_with('.')) {
    mount.source = host_path(source, cwd, option);
    mount.make_source = true;
  } else {
    mount.kind = MountSpec::Kind::volume;
    set_volume_name(mount, source, option);
  }
  for (const std::string_view word : split(parts.size() == 3 ? parts[2] : "rw", ',')) {
    if (word == "ro") {
      mount.read_only = true;
    } else if (word == "nocopy") {
      mount.copy_up = false;
    } else if (word != "rw" && word != "z" &&
               word != "Z") {  // z, Z: SELinux labels, which Debian has none of
      throw UsageError(cat(option, ": unknown option ", word), "ro, rw, nocopy, z or Z");
    }
  }
  return mount;
}

MountSpec parse_tmpfs_option(std::string_view text) {
  const std::string option = cat("--tmpfs ", text);
  const size_t colon = text.find(':');
  MountSpec mount = plain_tmpfs(absolute_target(text.substr(0, colon), option));
  if (colon == std::string_view::npos) return mount;
  static constexpr std::array<std::string_view, 6> known = {"size",      "mode", "uid",
                                                            "nr_inodes", "gid",  "nr_blocks"};
  for (const std::string_view word : split(text.substr(colon + 1), ',')) {
    if (set_attribute(mount, word)) continue;
    if (word == "dev") {
      throw UsageError(cat(option, ": no mount of a container but its /dev has devices"),
                       "leave dev out");
    }
    if (std::find(known.begin(), known.end(), word.substr(0, word.find('='))) == known.end()) {
      throw UsageError(cat(option, ": unknown option ", word),
                       "size=, mode=, uid=, gid=, nr_inodes=, ro, exec, suid; see tmpfs(5)");
    }
    mount.options.emplace_back(word);
  }
  return mount;
}

namespace {

/// The "key=value" words of --mount, and the flags without "=" as "true".
struct MountWords {
  std::string option;
  std::vector<std::pair<std::string_view, std::string_view>> words;

  /// The value of the first of the names that was given; each may be given once.
  std::string_view take(std::initializer_list<std::string_view> names) {
    std::string_view value;
    bool found = false;
    std::erase_if(words, [&](const auto& word) {
      if (std::find(names.begin(), names.end(), word.first) == names.end()) return false;
      if (found) throw UsageError(cat(option, ": ", word.first, " is given twice"));
      found = true;
      value = word.second;
      return true;
    });
    return value;
  }

  bool take_flag(std::initializer_list<std::string_view> names) {
    const std::string_view value = take(names);
    if (value.empty() || value == "false" || value == "0") return false;
    if (value == "true" || value == "1") return true;
    throw UsageError(cat(option, ": ", *names.begin(), " is true or false, not ", value));
  }
};

MountWords mount_words(std::string_view text) {
  MountWords words{cat("--mount ", text), {}};
  for (const std::string_view word : split(text, ',')) {
    const size_t equals = word.find('=');
    const bool is_flag = equals == std::string_view::npos;
    words.words.emplace_back(word.substr(0, equals), is_flag ? "true" : word.substr(equals + 1));
  }
  return words;
}

}  // namespace

MountSpec parse_mount_option(std::string_view text, const std::string& cwd) {
  MountWords words = mount_words(text);
  const std::string option = words.option;
  const std::string type(words.take({"type"}));
  const std::string source(words.take({"source", "src"}));
  const std::string target(words.take({"target", "destination", "dst"}));
  if (target.empty()) throw UsageError(cat(option, ": target= is missing"));
  MountSpec mount;
  mount.target = absolute_target(target, option);
  mount.read_only = words.take_flag({"readonly", "ro"});
  if (type == "bind") {
    if (source.empty()) throw UsageError(cat(option, ": source= is missing"));
    mount.source = host_path(source, cwd, option);
  } else if (type.empty() || type == "volume") {
    mount.kind = MountSpec::Kind::volume;
    mount.copy_up = !words.take_flag({"volume-nocopy"});
    if (!source.empty()) set_volume_name(mount, source, option);
  } else if (type == "tmpfs") {
    if (!source.empty()) throw UsageError(cat(option, ": a tmpfs has no source"));
    const bool read_only = mount.read_only;
    mount = plain_tmpfs(mount.target);
    if (read_only) mount.attributes |= MOUNT_ATTR_RDONLY;
    for (const char* key : {"size", "mode"}) {
      const std::string_view value = words.take({cat("tmpfs-", key)});
      if (!value.empty()) mount.options.push_back(cat(key, "=", value));
    }
  } else {
    throw UsageError(cat(option, ": unknown type ", type), "bind, volume or tmpfs");
  }
  if (!words.words.empty()) {
    throw UsageError(cat(option, ": ", words.words.front().first, " means nothing here"),
                     "source, target, readonly; volume-nocopy; tmpfs-size, tmpfs-mode");
  }
  return mount;
}

void sort_by_depth(std::vector<MountSpec>& mounts) {
  const auto depth = [](const MountSpec& mount) {
    return std::count(mount.target.begin(), mount.target.end(), '/');
  };
  std::stable_sort(mounts.begin(), mounts.end(),
                   [&](const MountSpec& a, const MountSpec& b) { return depth(a) < depth(b); });
}

std::vector<MountSpec> parse_mounts(const Options& options, const std::string& cwd) {
  std::vector<MountSpec> mounts;
  for (const auto& text : options.volumes) mounts.push_back(parse_volume_option(text, cwd));
  for (const auto& text : options.mounts) mounts.push_back(parse_mount_option(text, cwd));
  for (const auto& text : options.tmpfs) mounts.push_back(parse_tmpfs_option(text));
  for (auto mount = mounts.begin(); mount != mounts.end(); ++mount) {
    const auto same = [&](const MountSpec& other) { return other.target == mount->target; };
    if (std::any_of(std::next(mount), mounts.end(), same)) {
      throw UsageError(cat(mount->target, " is the target of two mounts"), "leave one out");
    }
  }
  sort_by_depth(mounts);
  return mounts;
}

}  // namespace minirun
