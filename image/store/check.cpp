// Compares the store with what its layout says (store.h). Nothing is changed.
#include <algorithm>
#include <array>

#include "image/store/files.h"
#include "image/store/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"

namespace minirun::image {
namespace {

constexpr std::array<std::string_view, 9> top_level = {
    "archives", "containers", "images", "kept", "lock", "names", "overlay2", "staging", "volumes"};

void check_top_level(int store, std::vector<Stray>& strays) {
  for (const std::string& name : files::list_dir(store, ".")) {
    if (std::find(top_level.begin(), top_level.end(), name) != top_level.end()) continue;
    strays.push_back({name, "minirun has nothing of this name"});
  }
}

void check_staging(int store, std::vector<Stray>& strays) {
  const UniqueFd staging = files::open_at(store, "staging", O_RDONLY | O_DIRECTORY);
  for (const std::string& name : files::list_dir(staging.get(), ".")) {
    if (!files::lock_if_abandoned(staging.get(), name)) continue;
    strays.push_back({"staging/" + name, "whoever loaded or removed an image here was killed"});
  }
}

void check_layers(int store, std::vector<Stray>& strays) {
  const auto unused = store_files::unused_layers(store);
  for (const Digest& chain : unused) {
    strays.push_back({store_files::layer_dir(chain), "no image has this layer"});
  }
  for (const std::string& name : files::list_dir(store, "overlay2")) {
    if (name == "l" || name == "init" || Digest::from_hex(name)) continue;
    strays.push_back({"overlay2/" + name, "this is no layer's name"});
  }
  for (const std::string& link : store_files::dangling_links(store)) {
    strays.push_back({link, "the layer that it leads to is gone"});
  }
}

}  // namespace

std::vector<Stray> Store::strays() const {
  const int store = fd_.get();
  std::vector<Stray> strays;
  check_top_level(store, strays);
  check_staging(store, strays);
  for (const std::string& name : files::list_dir(store, "images")) {
    const auto id = Digest::from_hex(name);
    if (id && find(*id)) continue;
    strays.push_back({"images/" + name,
                      id ? "its config or a layer is missing, or was lost in a power cut: load it "
                           "again, or remove it with minirun rmi"
                         : "this is no image's id"});
  }
  check_layers(store, strays);
  return strays;
}

}  // namespace minirun::image
