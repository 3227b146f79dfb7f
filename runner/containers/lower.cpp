#include "runner/containers/lower.h"

#include <sys/file.h>

#include "mount/dir.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

std::string joined(const std::vector<std::string>& layers) {
  std::string list;
  for (const std::string& layer : layers) list += cat(list.empty() ? "" : ":", layer);
  return list;
}

mount::WriteFile file_of(const NameLayers& op) { return {op.path, joined(op.layers), 0600}; }

}  // namespace

// LESSON: file-lower
void NameLayers::apply(Live& live) const {
  const UniqueFd lock = files::open_at(AT_FDCWD, store + "/lock", O_RDONLY | O_NOFOLLOW);
  files::lock(lock.get(), LOCK_SH, store + "/lock");
  const UniqueFd overlay =
      files::open_at(AT_FDCWD, store + "/overlay2", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  for (const std::string& layer : layers) {
    if (::faccessat(overlay.get(), layer.c_str(), F_OK, 0) == 0) continue;
    if (errno != ENOENT) throw SysError(errno, cat("access ", store, "/overlay2/", layer));
    throw Error(cat("the layer ", layer, " is gone: the image was removed just now"),
                "give the archive instead of a name, or load it again: minirun load ARCHIVE");
  }
  file_of(*this).apply(live);
}

std::string NameLayers::shell() const {
  std::string paths;
  for (const std::string& layer : layers) {
    paths += cat(" ", shell_quote(cat(store, "/overlay2/", layer)));
  }
  return cat("exec 7< ", shell_quote(store + "/lock"), "\nflock --shared 7\nls -d", paths,
             " > /dev/null\n", file_of(*this).shell(), "\nexec 7<&-");
}

// The look at each layer, faccessat(2), changes nothing and is left out.
std::vector<std::string> NameLayers::calls() const {
  std::vector<std::string> list = {
      call("openat", "AT_FDCWD", c_string(store + "/lock"), "O_RDONLY|O_NOFOLLOW|O_CLOEXEC"),
      call("flock", unknown("lock"), "LOCK_SH"),
      call("openat", "AT_FDCWD", c_string(store + "/overlay2"),
           "O_RDONLY|O_NOFOLLOW|O_CLOEXEC|O_DIRECTORY")};
  for (std::string& write : file_of(*this).calls()) list.push_back(std::move(write));
  return list;
}

std::string NameLayers::look() const { return file_of(*this).look(); }

}  // namespace minirun
