#include "image/store/link_tree.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <string>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::image {
namespace {

void copy_xattrs(int from, int to) {
  std::vector<char> names(65536);
  std::vector<char> value(65536);  // XATTR_LIST_MAX and XATTR_SIZE_MAX
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  if (length == -1 && errno == ENOTSUP) return;
  check(length, "listxattr of a layer's directory");
  for (const char* name = names.data(); name < names.data() + length;) {
    const std::string text = name;
    name += text.size() + 1;
    if (text == "security.selinux") continue;  // the kernel gives the new directory its own
    const ssize_t size =
        check(::fgetxattr(from, text.c_str(), value.data(), value.size()), "getxattr ", text);
    check(::fsetxattr(to, text.c_str(), value.data(), static_cast<size_t>(size), 0), "setxattr ",
          text);
  }
}

void copy_metadata(int from, int to) {
  struct stat status {};
  check(::fstat(from, &status), "stat a layer's directory");
  check(::fchown(to, status.st_uid, status.st_gid), "chown a layer's directory");
  check(::fchmod(to, status.st_mode & 07777), "chmod a layer's directory");
  copy_xattrs(from, to);
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  check(::futimens(to, times.data()), "set the times of a layer's directory");
}

/// A directory that waits for its turn. Only its path is kept, so that depth costs no descriptors.
void copy_directory(int from_root, int to_root, const std::string& path,
                    std::vector<std::string>& waiting) {
  const UniqueFd from =
      files::open_in_root(from_root, path, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  const UniqueFd to =
      files::open_in_root(to_root, path, O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  for (const std::string& name : files::list_dir(from.get(), ".")) {
    const auto status = files::stat_at(from.get(), name);
    if (status && S_ISDIR(status->st_mode)) {
      check(::mkdirat(to.get(), name.c_str(), 0700), "mkdir ", name);
      waiting.push_back(cat(path, "/", name));
    } else {
      check(::linkat(from.get(), name.c_str(), to.get(), name.c_str(), 0), "link ", name);
    }
  }
}

}  // namespace

void link_tree(int from, int to) {
  std::vector<std::string> dirs = {"."};
  for (size_t next = 0; next < dirs.size(); ++next) {
    const std::string path = dirs[next];
    copy_directory(from, to, path, dirs);
  }
  // Deepest last in `dirs`, so backwards: writing in a directory changes its times.
  for (size_t i = dirs.size(); i-- > 0;) {
    copy_metadata(
        files::open_in_root(from, dirs[i], O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS).get(),
        files::open_in_root(to, dirs[i], O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS).get());
  }
}

}  // namespace minirun::image
