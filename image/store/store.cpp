#include "image/store/store.h"

#include <sys/file.h>

#include <algorithm>
#include <array>

#include "image/document/json.h"
#include "image/document/reference.h"
#include "image/store/files.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace store_files {

std::optional<std::string> read_if_there(int store, const std::string& name) {
  const auto fd = files::open_if_exists(store, name, O_RDONLY | O_NOFOLLOW);
  if (!fd) return std::nullopt;
  return files::read_all(fd->get(), name, max_json_size);
}

std::vector<std::string> read_lines(int store, const std::string& name) {
  std::vector<std::string> lines;
  const auto text = read_if_there(store, name);
  if (!text) return lines;
  for (const std::string_view line : split(*text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

std::vector<Digest> chain_of(const std::vector<Digest>& diff_ids) {
  std::vector<Digest> chain;
  chain.reserve(diff_ids.size());
  for (const Digest& diff_id : diff_ids) {
    chain.push_back(chain_id(chain.empty() ? std::nullopt : std::optional(chain.back()), diff_id));
  }
  return chain;
}

std::string boot_id() {
  const char* path = "/proc/sys/kernel/random/boot_id";
  const auto file = files::open_if_exists(AT_FDCWD, path, O_RDONLY);
  if (!file) throw Error(cat("no ", path), "/proc has to be mounted: mount -t proc proc /proc");
  return files::read_all(file->get(), path, 64);
}

}  // namespace store_files

using store_files::image_dir;
using store_files::layer_dir;

namespace {

constexpr std::array dirs = {"overlay2", "overlay2/l", "images",  "archives",
                             "staging",  "containers", "volumes", "names"};
/// A store of an older minirun has no such directory. It is made after all the others.
constexpr const char* newest_dir = "kept";
constexpr const char* init_layer = "overlay2/init";
/// Java finds no file stores without it, and Docker makes it too.
constexpr const char* init_mtab = "overlay2/init/diff/etc/mtab";

void make_dir(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) == -1 && errno != EEXIST) {
    throw SysError(errno, cat("mkdir ", name));
  }
  if (mode != 0700)
    check(::fchmodat(parent, name.c_str(), mode, 0), "chmod ", name);  // whatever the umask is
}

/// The mount points that a container needs, so that they need not be made in each upper directory
/// at each start.
void make_init_layer(int store) {
  const std::string name = cat("staging/", files::random_hex(16));
  const auto lock = files::make_locked_dir(store, name);
  if (!lock) throw Error(cat("the name ", name, " is taken"), "run minirun again");
  const int dir = lock->get();
  make_dir(dir, "diff", 0755);
  for (const char* sub : {"diff/proc", "diff/sys", "diff/dev", "diff/etc"})
    make_dir(dir, sub, 0755);
  for (const char* file : {"diff/etc/hosts", "diff/etc/hostname", "diff/etc/resolv.conf"}) {
    const UniqueFd made = files::open_at(dir, file, O_WRONLY | O_CREAT | O_EXCL, 0644);
    check(::fchmod(made.get(), 0644), "chmod ", file);
  }
  check(::symlinkat("/proc/mounts", dir, "diff/etc/mtab"), "symlink mtab");
  if (::renameat(store, name.c_str(), store, init_layer) == -1) {
    const int number = errno;
    files::remove_tree(store, name);  // somebody else was first
    if (number != EEXIST && number != ENOTEMPTY)
      throw SysError(number, cat("rename to ", init_layer));
  }
}

UniqueFd open_root(const std::string& root) {
  UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return fd;
  if (errno == ENOENT) files::make_dirs(root, 0700);
  return files::open_at(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
}

/// Whoever can write into the store can have root run and remove what they like.
void refuse_foreign(int store, const std::string& root) {
  struct stat status {};
  check(::fstat(store, &status), "stat ", root);
  const std::string hint =
      cat("give it to root alone: chown root ", shell_quote(root), " && chmod go-w ",
          shell_quote(root), "; or choose another with --root DIR or MINIRUN_ROOT");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    throw Error(cat("the store ", root, " belongs to user ", status.st_uid), hint);
  }
  if ((status.st_mode & 022) == 0) return;
  throw Error(cat("the store ", root, " can be written by others than its owner"), hint);
}

/// The lock file is made last: where it is, all the rest is, unless an older minirun made it.
UniqueFd open_lock(int store) {
  if (::faccessat(store, newest_dir, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
    if (auto lock = files::open_if_exists(store, "lock", O_RDWR | O_NOFOLLOW))
      return std::move(*lock);
  }
  for (const char* dir : dirs) make_dir(store, dir, 0700);
  if (!files::stat_at(store, init_layer)) make_init_layer(store);
  if (::symlinkat("/proc/mounts", store, init_mtab) == -1 && errno != EEXIST) {
    throw SysError(errno, cat("symlink ", init_mtab));
  }
  make_dir(store, newest_dir, 0700);
  return files::open_at(store, "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
}

}  // namespace

Store::Store(std::string root) : root_(std::move(root)) {
  // An early word is better than the errno of the first mkdir: a layer's owners and device nodes
  // need root in any case.
  if (::geteuid() != 0 && ::access(root_.c_str(), R_OK | W_OK | X_OK) == -1 && errno == EACCES) {
    throw SysError(EACCES, cat("open the store ", root_), "minirun needs root: sudo minirun ...");
  }
  fd_ = open_root(root_);
  refuse_foreign(fd_.get(), root_);
  lock_ = open_lock(fd_.get());
  files::lock(lock_.get(), LOCK_SH, root_ + "/lock");
}

std::optional<Store> Store::open_if_exists(const std::string& root) {
  auto fd = files::open_if_exists(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
  if (!fd) return std::nullopt;
  refuse_foreign(fd->get(), root);
  auto lock = files::open_if_exists(fd->get(), "lock", O_RDONLY | O_NOFOLLOW);
  if (!lock) return std::nullopt;
  files::lock(lock->get(), LOCK_SH, root + "/lock");
  return Store(root, std::move(*fd), std::move(*lock));
}

namespace {

bool is_durable(int store, const Digest& chain) {
  return ::faccessat(store, (layer_dir(chain) + "/durable").c_str(), F_OK, 0) == 0;
}

bool is_of_this_boot(int store, const Digest& chain) {
  const auto written_in = store_files::read_if_there(store, layer_dir(chain) + "/boot-id");
  return written_in && *written_in == store_files::boot_id();
}

}  // namespace

bool Store::has_layer(const Digest& chain) const {
  return is_durable(fd_.get(), chain) || is_of_this_boot(fd_.get(), chain);
}

std::optional<Image> Store::find(const Digest& id) const {
  const std::string dir = image_dir(id);
  const auto text = store_files::read_if_there(fd_.get(), dir + "/config.json");
  // After a power cut the file may be there and empty; its own name says what it has to hold.
  if (!text || sha256(*text) != id) return std::nullopt;
  Image image{id, parse_config(*text, dir + "/config.json"), {}, {}, true};
  image.chain = store_files::chain_of(image.config.diff_ids);
  for (const Digest& chain : image.chain) {
    if (is_durable(fd_.get(), chain)) continue;
    if (!is_of_this_boot(fd_.get(), chain)) return std::nullopt;
    image.durable = false;
  }
  image.names = store_files::read_lines(fd_.get(), dir + "/tags");
  return image;
}

std::optional<Digest> Store::id_of(std::string_view reference_or_id) const {
  const auto name = normalise(reference_or_id);
  std::string_view prefix = reference_or_id;
  if (prefix.starts_with("sha256:")) prefix.remove_prefix(7);
  std::vector<Digest> by_prefix;
  for (const std::string& dir : files::list_dir(fd_.get(), "images")) {
    const auto id = Digest::from_hex(dir);
    if (!id) continue;
    if (name) {
      const auto tags = store_files::read_lines(fd_.get(), image_dir(*id) + "/tags");
      if (std::find(tags.begin(), tags.end(), *name) != tags.end()) return id;
    }
    if (is_id_prefix(reference_or_id) && dir.starts_with(prefix)) by_prefix.push_back(*id);
  }
  if (by_prefix.size() > 1) {
    std::string list;
    for (const Digest& id : by_prefix) list += cat("\n  ", id.hex());
    throw UsageError(cat("several images have an id that begins with ", prefix, ":", list),
                     "give more of its digits");
  }
  return by_prefix.empty() ? std::nullopt : std::optional(by_prefix.front());
}

std::optional<Image> Store::find(std::string_view reference_or_id) const {
  const auto id = id_of(reference_or_id);
  return id ? find(*id) : std::nullopt;
}

std::vector<Image> Store::images() const {
  std::vector<Image> images;
  for (const std::string& dir : files::list_dir(fd_.get(), "images")) {
    const auto id = Digest::from_hex(dir);
    if (!id) continue;
    if (auto image = find(*id)) images.push_back(std::move(*image));
  }
  return images;
}

std::string Store::config_text(const Digest& id) const {
  return with_marks(files::read_file(fd_.get(), image_dir(id) + "/config.json", max_json_size));
}

std::string Store::manifest_text(const Digest& id) const {
  return with_marks(files::read_file(fd_.get(), image_dir(id) + "/manifest.json", max_json_size));
}

std::vector<std::string> Store::lower(const Image& image) const {
  std::vector<std::string> dirs_below;
  if (!image.chain.empty()) {
    const Digest& top = image.chain.back();
    dirs_below.push_back("l/" + short_name(top));
    const auto below = store_files::read_if_there(fd_.get(), layer_dir(top) + "/lower");
    if (below && !below->empty()) {
      for (const std::string_view dir : split(*below, ':')) dirs_below.emplace_back(dir);
    }
  }
  dirs_below.emplace_back("init/diff");
  return dirs_below;
}

uint64_t Store::layer_size(const Digest& chain) const {
  for (const std::string& line : store_files::read_lines(fd_.get(), layer_dir(chain) + "/size")) {
    if (line.starts_with("bytes "))
      return parse_number(std::string_view(line).substr(6)).value_or(0);
  }
  return 0;
}

}  // namespace minirun::image
