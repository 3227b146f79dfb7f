#include "image/store/view.h"

#include <memory>

#include "image/layer/stack.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::image {

View view_of(const Store& store, const Image& image) {
  View view;
  view.store = store.root();
  view.lower = store.lower(image);
  std::vector<std::string> diffs;
  for (const std::string& name : view.lower) diffs.push_back(cat(store.overlay_dir(), "/", name));
  const auto stack = std::make_shared<Stack>(diffs);
  if (const auto root = stack->find("/")) {
    if (const auto look = files::stat_at(root->fd.get(), ".")) {
      view.root_mode = look->st_mode & 07777;
      view.root_uid = look->st_uid;
      view.root_gid = look->st_gid;
    }
  }
  view.read = [stack](const std::string& path) { return stack->read(path); };
  return view;
}

}  // namespace minirun::image
