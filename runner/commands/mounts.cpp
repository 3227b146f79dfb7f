#include "runner/commands/mounts.h"

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
                     "letters, digits, _ . - (a path begins with / or ./)");
  }
  mount.source = name;
}

/// z and Z are about SELinux labels, which Debian doesn't use. The others are for Docker on a Mac.
bool means_nothing_here(std::string_view word) {
  static constexpr std::array<std::string_view, 6> words = {"z",       "Z",         "cached",
                                                            "default", "delegated", "consistent"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether the word is one of mount(8)'s propagations. Nothing inside can mount, so "shared" is the
/// same as "slave" here: what the host mounts below the source appears inside.
bool set_propagation(MountSpec& mount, std::string_view word) {
  static constexpr std::array<std::string_view, 2> none = {"private", "rprivate"};
  static constexpr std::array<std::string_view, 4> some = {"slave", "rslave", "shared", "rshared"};
  mount.follows_host = std::find(some.begin(), some.end(), word) != some.end();
  return mount.follows_host || std::find(none.begin(), none.end(), word) != none.end();
}

/// Takes one word of -v's third part; returns its kind, of which there can be one, '\0' for a word
/// that isn't known.
char take_mode(MountSpec& mount, std::string_view word) {
  if (word == "ro" || word == "rw") {
    mount.read_only = word == "ro";
    return 'w';
  }
  if (word == "nocopy") {
    mount.fill = false;
    return 'n';
  }
  if (means_nothing_here(word)) return word == "z" || word == "Z" ? 'z' : 'c';
  return set_propagation(mount, word) ? 'p' : '\0';
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
  std::string kinds;  // of the words so far
  for (const std::string_view word : split(parts.size() == 3 ? parts[2] : "rw", ',')) {
    const char kind = take_mode(mount, word);
    if (kind == '\0') {
      throw UsageError(
          cat(option, ": unknown option ", word),
          "ro, rw, nocopy, z, Z, private, slave, shared; consistent, cached, delegated");
    }
    if (kinds.find(kind) != std::string::npos) {
      throw UsageError(cat(option, ": ", word, " is one too many of its kind"), "leave one out");
    }
    kinds += kind;
  }
  if (mount.follows_host && mount.kind != MountSpec::Kind::bind) {
    throw UsageError(cat(option, ": a volume has no propagation"), "that is for a bind mount");
  }
  return mount;
}

MountSpec parse_tmpfs_option(std::string_view text) {
  const std::string option = cat("--tmpfs ", text);
  const size_t colon = text.find(':');
  MountSpec mount = plain_tmpfs(absolute_target(text.substr(0, colon), option));
  if (colon == std::string_view::npos) return mount;
  for (const std::string_view word : split(text.substr(colon + 1), ',')) {
    add_tmpfs_option(mount, word, option);
  }
  return mount;
}

namespace {

/// The "key=value" words of --mount, keys in lower case, and the flags without "=" as "true".
struct MountWords {
  std::string option;
  std::vector<std::pair<std::string, std::string>> words;

  /// The value of the first of the names that was given; each may be given once.
  std::string take(std::initializer_list<std::string_view> names) {
    std::string value;
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
    const std::string value = take(names);
    const auto flag = value.empty() ? std::optional<bool>(false) : parse_bool(value);
    if (flag) return *flag;
    throw UsageError(cat(option, ": ", *names.begin(), " is true or false, not ", value));
  }
};

MountWords mount_words(std::string_view text) {
  MountWords words{cat("--mount ", text), {}};
  const auto fields = split_csv(text);
  if (!fields) {
    throw UsageError(cat(words.option, ": a quote is not where it can be"),
                     "a field with a comma is quoted as a whole: '\"source=/a,b\",target=/c'");
  }
  for (const std::string& word : *fields) {
    const size_t equals = word.find('=');
    std::string key = word.substr(0, equals);
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    words.words.emplace_back(key, equals == std::string::npos ? "true" : word.substr(equals + 1));
  }
  return words;
}

void take_bind(MountSpec& mount, MountWords& words, const std::string& source,
               const std::string& cwd) {
  if (source.empty()) throw UsageError(cat(words.option, ": source= is missing"));
  mount.source = host_path(source, cwd, words.option);
  mount.recursive = !words.take_flag({"bind-nonrecursive"});
  const std::string propagation = words.take({"bind-propagation"});
  if (!propagation.empty() && !set_propagation(mount, propagation)) {
    throw UsageError(cat(words.option, ": unknown propagation ", propagation),
                     "private, rprivate, slave, rslave, shared or rshared");
  }
}

void take_volume(MountSpec& mount, MountWords& words, const std::string& source) {
  mount.kind = MountSpec::Kind::volume;
  mount.fill = !words.take_flag({"volume-nocopy"});
  std::erase_if(words.words, [](const auto& word) { return word.first == "volume-label"; });
  if (!source.empty()) set_volume_name(mount, source, words.option);
}

void take_tmpfs(MountSpec& mount, MountWords& words, const std::string& source) {
  if (!source.empty()) throw UsageError(cat(words.option, ": a tmpfs has no source"));
  const bool read_only = mount.read_only;
  mount = plain_tmpfs(mount.target);
  if (read_only) mount.attributes |= MOUNT_ATTR_RDONLY;
  for (const char* key : {"size", "mode"}) {
    const std::string value = words.take({cat("tmpfs-", key)});
    if (!value.empty()) add_tmpfs_option(mount, cat(key, "=", value), words.option);
  }
}

}  // namespace

MountSpec parse_mount_option(std::string_view text, const std::string& cwd) {
  MountWords words = mount_words(text);
  const std::string option = words.option;
  const std::string type = words.take({"type"});
  const std::string source = words.take({"source", "src"});
  const std::string target = words.take({"target", "destination", "dst"});
  if (target.empty()) throw UsageError(cat(option, ": target= is missing"));
  MountSpec mount;
  mount.target = absolute_target(target, option);
  mount.read_only = words.take_flag({"readonly", "ro"});
  const std::string consistency = words.take({"consistency"});
  if (!consistency.empty() && !means_nothing_here(consistency)) {
    throw UsageError(cat(option, ": unknown consistency ", consistency),
                     "default, consistent, cached or delegated; none of them has an effect here");
  }
  if (type == "bind") {
    take_bind(mount, words, source, cwd);
  } else if (type.empty() || type == "volume") {
    take_volume(mount, words, source);
  } else if (type == "tmpfs") {
    take_tmpfs(mount, words, source);
  } else {
    throw UsageError(cat(option, ": unknown type ", type), "bind, volume or tmpfs");
  }
  if (!words.words.empty()) {
    throw UsageError(cat(option, ": ", words.words.front().first, " means nothing here"),
                     "source, target, readonly, consistency; bind-propagation, bind-nonrecursive; "
                     "volume-nocopy, volume-label; tmpfs-size, tmpfs-mode");
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
