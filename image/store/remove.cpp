// Removes things from the store. A kill at any moment leaves the store consistent, because of the
// order: first the name, then the image by one rename into the staging area, then each layer that
// no image uses, topmost first, then the files themselves.
//
// All layers of the store are checked, not only those of the removed image. So layers that a killed
// loader or a killed removal left are removed too. The exclusive lock makes sure that no loader has
// found a layer in the store and not committed its image yet.
//
// A loader or a removal that was killed leaves its staging area without a lock. The next start
// looks for such areas alone. So its sweep costs nothing if nobody was killed.
#include <sys/file.h>
#include <time.h>

#include <algorithm>
#include <set>

#include "image/document/reference.h"
#include "image/store/files.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/text.h"

namespace minirun::image {

using store_files::image_dir;
using store_files::layer_dir;

namespace {

constexpr int lock_tries = 100;  // a tenth of a second each

/// Turns our own shared lock into the exclusive one while it lives. A second descriptor would wait
/// for the first.
class ExclusiveLock {
 public:
  ExclusiveLock(int fd, const std::string& root, int tries) : fd_(fd) {
    while (!(is_held_ = files::lock(fd, LOCK_EX | LOCK_NB, root + "/lock")) && --tries > 0) {
      const timespec pause{0, 100'000'000};
      ::nanosleep(&pause, nullptr);
    }
    // flock(2), NOTES: a conversion that fails has given up the lock that was there.
    if (!is_held_) files::lock(fd_, LOCK_SH, root + "/lock");
  }
  ~ExclusiveLock() { ::flock(fd_, LOCK_SH); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

  bool is_held() const { return is_held_; }
  void require(const std::string& root) const {
    if (is_held_) return;
    throw Error(cat("the store ", root, " is in use by another minirun"),
                "it is loading an image or starting a container; try again when it is done");
  }

 private:
  int fd_;
  bool is_held_ = false;
};

/// The layers of every image, of what its config says and of what was written down beside it.
std::set<std::string> used_layers(int store) {
  std::set<std::string> used;
  for (const std::string& dir : files::list_dir(store, "images")) {
    const auto id = Digest::from_hex(dir);
    if (!id) continue;
    for (const std::string& line : store_files::read_lines(store, image_dir(*id) + "/layers")) {
      used.insert(line.substr(line.find(':') + 1));
    }
    const auto text = store_files::read_if_there(store, image_dir(*id) + "/config.json");
    if (!text || sha256(*text) != *id) continue;
    for (const Digest& chain : store_files::chain_of(parse_config(*text, dir).diff_ids)) {
      used.insert(chain.hex());
    }
  }
  return used;
}

/// The directories of all containers, as "kept/ID".
std::vector<std::string> containers_in(int store) {
  std::vector<std::string> containers;
  for (const std::string place : {"containers", "kept"}) {
    for (const std::string& id : files::list_dir(store, place)) {
      containers.push_back(cat(place, "/", id));
    }
  }
  return containers;
}

std::set<std::string> short_names_in_containers(int store) {
  std::set<std::string> used;
  for (const std::string& container : containers_in(store)) {
    const auto lower = store_files::read_if_there(store, container + "/lower");
    if (!lower) continue;
    for (const std::string_view dir : split(*lower, ':')) {
      used.emplace(dir.substr(dir.rfind('/') + 1, 26));
    }
  }
  return used;
}

}  // namespace

std::vector<Digest> store_files::unused_layers(int store) {
  const auto used = used_layers(store);
  const auto in_containers = short_names_in_containers(store);
  std::vector<Digest> unused;
  for (const std::string& name : files::list_dir(store, "overlay2")) {
    const auto chain = Digest::from_hex(name);
    if (!chain || used.contains(name) || in_containers.contains(short_name(*chain))) continue;
    unused.push_back(*chain);
  }
  return unused;
}

std::vector<std::string> store_files::dangling_links(int store) {
  std::vector<std::string> dangling;
  for (const std::string& name : files::list_dir(store, "overlay2/l")) {
    const std::string link = "overlay2/l/" + name;
    if (::faccessat(store, link.c_str(), F_OK, 0) == -1 && errno == ENOENT) {
      dangling.push_back(link);
    }
  }
  return dangling;
}

void Store::refuse_if_in_use(const Digest& id) const {
  for (const std::string& container : containers_in(fd_.get())) {
    const auto image = store_files::read_if_there(fd_.get(), container + "/image");
    if (!image || image->find(id.hex()) == std::string::npos) continue;
    throw Error(
        cat("image ", id.short_hex(), " is used by container ", printable(name_of(container))),
        "remove that container first: minirun rm; a running one has to end");
  }
}

void Store::remove_unused_layers(int trash) const {
  for (const Digest& chain : store_files::unused_layers(fd_.get())) {
    check(::renameat(fd_.get(), layer_dir(chain).c_str(), trash, chain.hex().c_str()), "rename ",
          layer_dir(chain), " away");
  }
  for (const std::string& link : store_files::dangling_links(fd_.get())) {
    check(::unlinkat(fd_.get(), link.c_str(), 0), "unlink ", link);
  }
}

void Store::remove(std::string_view reference_or_id) {
  const ExclusiveLock lock(lock_.get(), root_, lock_tries);
  lock.require(root_);
  const auto id = id_of(reference_or_id);
  if (!id) {
    throw UsageError(cat("no image '", printable(reference_or_id), "' in ", root_),
                     "minirun images lists what is there");
  }
  const auto name = normalise(reference_or_id);
  auto tags = store_files::read_lines(fd_.get(), image_dir(*id) + "/tags");
  const auto tag = name ? std::find(tags.begin(), tags.end(), *name) : tags.end();
  if (tag != tags.end() && tags.size() > 1) {
    tags.erase(tag);
    std::string left;
    for (const std::string& other : tags) left += other + "\n";
    const UniqueFd dir = files::open_at(fd_.get(), image_dir(*id), O_RDONLY | O_DIRECTORY);
    return files::replace_file(dir.get(), "tags", left, 0600);
  }
  refuse_if_in_use(*id);
  const StagingArea trash = stage();
  check(::renameat(fd_.get(), image_dir(*id).c_str(), trash.get(), "image"), "rename ",
        image_dir(*id), " away");
  remove_unused_layers(trash.get());
  files::remove_tree(fd_.get(), trash.path);
}

void Store::sweep() {
  const UniqueFd staging = files::open_at(fd_.get(), "staging", O_RDONLY | O_DIRECTORY);
  std::vector<std::pair<std::string, UniqueFd>> abandoned;
  for (const std::string& name : files::list_dir(staging.get(), ".")) {
    if (auto area = files::lock_if_abandoned(staging.get(), name)) {
      abandoned.emplace_back(name, std::move(*area));
    }
  }
  if (abandoned.empty()) return;
  const ExclusiveLock lock(lock_.get(), root_, 1);
  if (lock.is_held()) remove_unused_layers(abandoned.front().second.get());
  for (const auto& [name, area] : abandoned) {
    for (const std::string& file : files::list_dir(area.get(), ".")) {
      files::remove_tree(area.get(), file);
    }
    // Where others use the store, the empty area stays, as the sign that layers may be left.
    if (lock.is_held()) files::remove_tree(staging.get(), name);
  }
}

void Store::sweep_all() {
  sweep();
  if (store_files::unused_layers(fd_.get()).empty() &&
      store_files::dangling_links(fd_.get()).empty()) {
    return;
  }
  const ExclusiveLock lock(lock_.get(), root_, lock_tries);
  lock.require(root_);
  const StagingArea trash = stage();
  remove_unused_layers(trash.get());
  files::remove_tree(fd_.get(), trash.path);
}

}  // namespace minirun::image
