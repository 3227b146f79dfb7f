#include "image/load/staging.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

#include "runner/base/copy_tree.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::image {
namespace {

/// A container has to write too, and a full disk harms more than us: a twentieth stays free, but no
/// more than 64 MiB.
uint64_t free_space(int store) {
  struct statvfs status {};
  check(::fstatvfs(store, &status), "statvfs of the store");
  const uint64_t available = status.f_bavail * status.f_frsize;
  return available - std::min<uint64_t>(available / 20, 64 << 20);
}

/// No exception may leave a destructor. What can't be removed is gc's to report.
void remove_quietly(int dir, const std::string& name) {
  try {
    files::remove_tree(dir, name);
  } catch (const std::exception&) {
  }
}

}  // namespace

Staging::Staging(Store& store, uint64_t max_size)
    : store_(store),
      area_(store.stage()),
      left_(max_size != 0 ? max_size : free_space(store.fd())) {}

Staging::~Staging() {
  if (!is_committing_) {
    remove_quietly(store_.fd(), area_.path);
    return;
  }
  area_.fd.reset();  // as if the loader had been killed
  try {
    store_.sweep();
  } catch (const std::exception&) {  // the next start sweeps again
  }
}

UniqueFd Staging::new_layer(std::string& dir) {
  dir = cat(layers_++);
  check(::mkdirat(area_.get(), dir.c_str(), 0700), "mkdir ", dir, " in the staging area");
  const std::string diff = dir + "/diff";
  check(::mkdirat(area_.get(), diff.c_str(), 0755), "mkdir ", diff, " in the staging area");
  UniqueFd fd = files::open_at(area_.get(), diff, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  check(::fchmod(fd.get(), 0755), "chmod ", diff);  // whatever the umask is
  return fd;
}

/// Never throws: what is left goes with the staging area, or by gc.
void Staging::drop_layer(const std::string& dir) const { remove_quietly(area_.get(), dir); }

/// A layer's directory, which goes again if unpacking fails: what a bad layer wrote must not count
/// as free.
struct Staging::NewLayer {
  explicit NewLayer(Staging& area) : staging(area), diff(area.new_layer(dir)) {}
  ~NewLayer() {
    if (!dir.empty()) staging.drop_layer(dir);
  }
  NewLayer(const NewLayer&) = delete;
  NewLayer& operator=(const NewLayer&) = delete;

  Staging& staging;
  std::string dir;
  UniqueFd diff;
};

ReadLayer Staging::unpack(ByteStream& bytes, const std::string& name) {
  NewLayer layer(*this);
  LayerLimits limits;
  limits.bytes = left_;
  LayerWriter writer(layer.diff.get(), name, limits);
  auto found = unpack_layer(bytes, &writer, name);
  left_ -= std::min(found.stats.room, left_);
  return {std::move(found), std::exchange(layer.dir, {})};
}

std::string Staging::copy(const std::string& dir) {
  NewLayer layer(*this);
  files::link_tree(files::open_at(area_.get(), dir + "/diff", O_RDONLY | O_DIRECTORY).get(),
                   layer.diff.get());
  return std::exchange(layer.dir, {});
}

}  // namespace minirun::image
