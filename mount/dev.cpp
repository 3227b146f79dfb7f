#include "mount/dev.h"

#include <sys/sysmacros.h>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun::mount {

void MakeNodes::apply(Live& live) const {
  for (const Node& node : nodes) {
    const UniqueFd dir = files::make_dir_in_root(root_of(live), parent_of(node.path));
    const std::string name = name_of(node.path);
    if (::mknodat(dir.get(), name.c_str(), S_IFCHR | 0666, ::makedev(node.major, node.minor)) ==
        -1) {
      const int number = errno;
      throw SysError(number, cat("mknod ", node.path, " c ", node.major, " ", node.minor),
                     number == EPERM ? "making devices takes root (CAP_MKNOD) in the first user "
                                       "namespace, and a file system that allows them"
                                     : "");
    }
    // The mode that mknod(2) gives is cut by the umask.
    check(::fchmodat(dir.get(), name.c_str(), 0666, 0), "chmod ", node.path);
  }
}

std::string MakeNodes::shell() const {
  std::string text;
  for (const Node& node : nodes) {
    if (!text.empty()) text += '\n';
    text += cat("mknod -m 666 ", shell_path(root, node.path), " c ", node.major, " ", node.minor);
  }
  return text;
}

void MakeLinks::apply(Live& live) const {
  for (const Link& link : links) {
    const UniqueFd dir = files::make_dir_in_root(root_of(live), parent_of(link.path));
    check(::symlinkat(link.target.c_str(), dir.get(), name_of(link.path).c_str()), "symlink ",
          link.path, " -> ", link.target);
  }
}

std::string MakeLinks::shell() const {
  std::string text;
  for (const Link& link : links) {
    if (!text.empty()) text += '\n';
    text += cat("ln -s ", shell_quote(link.target), " ", shell_path(root, link.path));
  }
  return text;
}

}  // namespace minirun::mount
