// Puts things into the store, each by one rename: layers under their chain ids, images under their
// ids, and names.
//
// Nothing is flushed here, because a start must not wait for a disk. So after a power cut a layer
// may have files of length 0. Its file boot-id has the boot that wrote it: after a reboot the layer
// counts as absent, unless make_durable has flushed it.
#include <sys/file.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>

#include "image/layer/dirs.h"
#include "image/layer/stack.h"
#include "image/layer/whiteouts.h"
#include "image/store/files.h"
#include "image/store/store.h"
#include "runner/base/copy_tree.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/text.h"

namespace minirun::image {

using store_files::image_dir;
using store_files::layer_dir;

std::string short_name(const Digest& chain) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // RFC 4648, 6
  std::string name;
  uint32_t bits = 0;
  int count = 0;
  for (size_t next = 0; name.size() < 26;) {
    if (count < 5) {
      bits = bits << 8 | chain.bytes[next++];
      count += 8;
    }
    name += alphabet[bits >> (count - 5) & 31];
    count -= 5;
  }
  return name;
}

namespace {

// Of two processes that replace the same stale directory, one gets there.
constexpr int max_tries = 10;

bool is_taken(int number) { return number == EEXIST || number == ENOTEMPTY; }

void write_file(int dir, const std::string& name, std::string_view bytes) {
  const UniqueFd fd = files::open_at(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
  files::write_all(fd.get(), bytes, name);
}

/// What overlay would show below this layer, of the store's own mount points too.
Stack layers_below(const std::string& overlay_dir, int store, const std::optional<Digest>& parent) {
  std::vector<std::string> diffs;
  if (parent) {
    diffs.push_back(cat(overlay_dir, "/", parent->hex(), "/diff"));
    const std::string below =
        store_files::read_if_there(store, layer_dir(*parent) + "/lower").value_or("");
    for (const std::string_view dir : split(below, ':')) {
      if (!dir.empty()) diffs.push_back(cat(overlay_dir, "/", dir));
    }
  }
  diffs.push_back(overlay_dir + "/init/diff");
  return Stack(diffs);
}

/// A layer that says nothing of its root directory has its parent's: the topmost root is the one
/// that overlay shows.
void inherit_root(int from, int to) {
  struct stat status {};
  check(::fstat(from, &status), "stat the parent layer's root");
  check(::fchown(to, status.st_uid, status.st_gid), "chown the layer's root");
  check(::fchmod(to, status.st_mode & 07777), "chmod the layer's root");
  std::array<char, 65536> names{};
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length == -1 && errno == ENOTSUP) return;
  check(length, "listxattr of the parent layer's root");
  for (const char* name = names.data(); name < names.data() + length;) {
    const std::string text = name;
    name += text.size() + 1;
    // overlay's own (opaque) is about one layer; security labels come with the store's place.
    if (text.starts_with("user.") || text == "security.capability")
      files::copy_xattr(from, to, text);
  }
}

void link_short_name(int store, const Digest& chain) {
  const std::string name = "overlay2/l/" + short_name(chain);
  const std::string target = "../" + chain.hex() + "/diff";
  // Made of the chain id, so what is there already is right.
  if (::symlinkat(target.c_str(), store, name.c_str()) == -1 && errno != EEXIST) {
    throw SysError(errno, cat("symlink ", name));
  }
}

std::vector<std::string> with(std::vector<std::string> names,
                              const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string lines(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return text;
}

/// Takes `names` from every image but `id`. The caller holds the lock of images/.
void take_names(int store, const Digest& id, const std::vector<std::string>& names) {
  if (names.empty()) return;
  for (const std::string& dir : files::list_dir(store, "images")) {
    if (dir == id.hex() || !Digest::from_hex(dir)) continue;
    const auto had = store_files::read_lines(store, "images/" + dir + "/tags");
    std::vector<std::string> left;
    std::copy_if(had.begin(), had.end(), std::back_inserter(left), [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) == names.end();
    });
    if (left.size() == had.size()) continue;
    const UniqueFd image = files::open_at(store, "images/" + dir, O_RDONLY | O_DIRECTORY);
    files::replace_file(image.get(), "tags", lines(left), 0600);
  }
}

UniqueFd lock_images(int store) {
  UniqueFd images = files::open_at(store, "images", O_RDONLY | O_DIRECTORY);
  files::lock(images.get(), LOCK_EX, "images");
  return images;
}

}  // namespace

StagingArea Store::stage() {
  const UniqueFd staging = files::open_at(fd_.get(), "staging", O_RDONLY | O_DIRECTORY);
  for (int attempt = 0; attempt < max_tries; ++attempt) {
    const std::string name = files::random_hex(16);
    if (auto area = files::make_locked_dir(staging.get(), name)) {
      return {std::move(*area), "staging/" + name};
    }
  }
  throw Error(cat("no free name in ", root_, "/staging"), "run minirun gc, then try again");
}

void Store::commit_layer(int staging, const StagedLayer& layer, const std::optional<Digest>& parent,
                         const Digest& chain) const {
  const int store = fd_.get();
  const UniqueFd dir = files::open_at(staging, layer.dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const UniqueFd diff = files::open_at(dir.get(), "diff", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (parent && !layer.stats.has_root_entry) {
    inherit_root(files::open_at(store, layer_dir(*parent) + "/diff", O_RDONLY | O_DIRECTORY).get(),
                 diff.get());
  }
  if (!layer.stats.whiteout_dirs.empty()) {
    drop_unmerged_whiteouts(diff.get(), layer.stats.whiteout_dirs,
                            layers_below(overlay_dir(), store, parent));
  }
  write_file(dir.get(), "link", short_name(chain));
  if (parent && !is_opaque(diff.get())) {
    const auto below = store_files::read_if_there(store, layer_dir(*parent) + "/lower");
    write_file(dir.get(), "lower",
               cat("l/", short_name(*parent), below ? ":" + *below : std::string()));
  }
  write_file(dir.get(), "boot-id", store_files::boot_id());
  write_file(dir.get(), "size",
             cat("bytes ", layer.stats.bytes, "\nentries ", layer.stats.entries, "\ndiff-id ",
                 layer.diff_id.str(), "\n"));
  link_short_name(store, chain);
  for (int attempt = 0;; ++attempt) {
    if (::renameat(staging, layer.dir.c_str(), store, layer_dir(chain).c_str()) == 0) return;
    if (!is_taken(errno) || attempt == max_tries)
      throw SysError(errno, cat("rename to ", layer_dir(chain)));
    if (has_layer(chain)) return;
    const std::string stale = cat(layer.dir, ".stale-", attempt);
    if (::renameat(store, layer_dir(chain).c_str(), staging, stale.c_str()) == -1 &&
        errno != ENOENT) {
      throw SysError(errno, cat("rename ", layer_dir(chain), " away"));
    }
  }
}

bool Store::commit_image(const Digest& id, std::string_view config, std::string_view manifest,
                         const std::vector<Digest>& chain,
                         const std::vector<std::string>& names) const {
  const int store = fd_.get();
  const UniqueFd lock = lock_images(store);
  const std::string target = image_dir(id);
  const auto there = store_files::read_if_there(store, target + "/config.json");
  if (there && sha256(*there) == id) {
    // Layers are named by the config, so only the names can be news.
    take_names(store, id, names);
    const auto had = store_files::read_lines(store, target + "/tags");
    const UniqueFd dir = files::open_at(store, target, O_RDONLY | O_DIRECTORY);
    files::replace_file(dir.get(), "tags", lines(with(had, names)), 0600);
    return false;
  }
  const std::string name = cat("staging/", files::random_hex(16));
  const auto dir = files::make_locked_dir(store, name);
  if (!dir) throw Error(cat("the name ", name, " is taken"), "run minirun again");
  std::string chain_lines;
  for (const Digest& layer : chain) chain_lines += layer.str() + "\n";
  write_file(dir->get(), "config.json", config);
  write_file(dir->get(), "manifest.json", manifest);
  write_file(dir->get(), "layers", chain_lines);
  write_file(dir->get(), "tags", lines(names));
  take_names(store, id, names);
  if (there || files::stat_at(store, target))
    files::remove_tree(store, target);  // lost its config to a power cut
  check(::renameat(store, name.c_str(), store, target.c_str()), "rename to ", target);
  return true;
}

void Store::add_names(const Digest& id, const std::vector<std::string>& names) const {
  const UniqueFd lock = lock_images(fd_.get());
  const auto dir = files::open_if_exists(fd_.get(), image_dir(id), O_RDONLY | O_DIRECTORY);
  if (!dir) return;
  take_names(fd_.get(), id, names);
  const auto had = store_files::read_lines(fd_.get(), image_dir(id) + "/tags");
  files::replace_file(dir->get(), "tags", lines(with(had, names)), 0600);
}

void Store::make_durable(const std::vector<Digest>& chain) const {
  std::vector<Digest> waiting;
  std::copy_if(chain.begin(), chain.end(), std::back_inserter(waiting), [&](const Digest& layer) {
    return ::faccessat(fd_.get(), (layer_dir(layer) + "/durable").c_str(), F_OK, 0) == -1;
  });
  if (waiting.empty()) return;
  check(::syncfs(fd_.get()), "syncfs ", root_);
  for (const Digest& layer : waiting) {
    const auto dir = files::open_if_exists(fd_.get(), layer_dir(layer), O_RDONLY | O_DIRECTORY);
    if (!dir) continue;  // removed in the meantime
    files::open_at(dir->get(), "durable", O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
    check(::fsync(dir->get()), "fsync ", layer_dir(layer));
  }
}

}  // namespace minirun::image
