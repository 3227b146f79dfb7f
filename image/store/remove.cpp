// Removes things from the store. A kill at any moment leaves the store consistent, because of the
// order: first the name, then the image by one rename into the staging area, then each layer that
// no image uses, topmost first, then the files themselves.
//
// All layers of the store are checked, not only those of the removed image. So layers that a killed
// loader or a killed removal left are removed too. The exclusive lock makes sure that no loader has
// found a layer in the store and not committed its image yet.
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
  ExclusiveLock(int fd, const std::string& root) : fd_(fd) {
    for (int attempt = 0; ::flock(fd, LOCK_EX | LOCK_NB) == -1; ++attempt) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        throw SysError(errno, cat("flock ", root, "/lock"));
      if (attempt == lock_tries) {
        store_files::lock(fd_, LOCK_SH, root + "/lock");
        throw Error(cat("the store ", root, " is in use by another minirun"),
                    "it is loading an image or starting a container; try again when it is done");
      }
      const timespec pause{0, 100'000'000};
      ::nanosleep(&pause, nullptr);
    }
  }
  ~ExclusiveLock() { ::flock(fd_, LOCK_SH); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  int fd_;
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

std::set<std::string> short_names_in_containers(int store) {
  std::set<std::string> used;
  for (const std::string& container : files::list_dir(store, "containers")) {
    const auto lower = store_files::read_if_there(store, "containers/" + container + "/lower");
    if (!lower) continue;
    for (const std::string_view dir : split(*lower, ':')) {
      used.emplace(dir.substr(dir.rfind('/') + 1, 26));
    }
  }
  return used;
}

}  // namespace

void Store::refuse_if_in_use(const Digest& id) const {
  for (const std::string& container : files::list_dir(fd_.get(), "containers")) {
    if (container.starts_with('@')) continue;  // a name, which is a symlink to the container
    const auto image = store_files::read_if_there(fd_.get(), "containers/" + container + "/image");
    if (!image || image->find(id.hex()) == std::string::npos) continue;
    throw Error(
        cat("image ", id.short_hex(), " is used by container ", printable(container.substr(0, 12))),
        "remove that container first: minirun rm; a running one has to end");
  }
}

void Store::remove_unused_layers(int trash) const {
  const auto used = used_layers(fd_.get());
  const auto in_containers = short_names_in_containers(fd_.get());
  for (const std::string& name : files::list_dir(fd_.get(), "overlay2")) {
    const auto chain = Digest::from_hex(name);
    if (!chain || used.contains(name) || in_containers.contains(short_name(*chain))) continue;
    check(::renameat(fd_.get(), layer_dir(*chain).c_str(), trash, name.c_str()), "rename ",
          layer_dir(*chain), " away");
    ::unlinkat(fd_.get(), ("overlay2/l/" + short_name(*chain)).c_str(), 0);
  }
}

void Store::remove(std::string_view reference_or_id) {
  const ExclusiveLock lock(lock_.get(), root_);
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

void Store::sweep() const {
  const UniqueFd staging = files::open_at(fd_.get(), "staging", O_RDONLY | O_DIRECTORY);
  for (const std::string& name : files::list_dir(staging.get(), ".")) {
    if (const auto lock = files::lock_if_abandoned(staging.get(), name)) {
      files::remove_tree(staging.get(), name);
    }
  }
}

}  // namespace minirun::image
