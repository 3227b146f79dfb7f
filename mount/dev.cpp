#include "mount/dev.h"

#include <sys/sysmacros.h>

#include <array>
#include <cstdio>

#include "mount/attach.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::mount {
namespace {

/// makedev() as strace(1) prints it.
std::string hex(unsigned number) {
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "%#x", number);
  return text.data();
}

/// Opens the directory that a path lies in, made if missing. Neighbours in a list share it.
class Parent {
 public:
  explicit Parent(int root) : root_(root) {}

  int of(const std::string& path) {
    if (std::string dir = parent_of(path); !fd_ || dir != dir_) {
      fd_ = files::make_dir_in_root(root_, dir);
      dir_ = std::move(dir);
    }
    return fd_.get();
  }

 private:
  int root_;
  std::string dir_;
  UniqueFd fd_;
};

}  // namespace

// LESSON: dev-nodes
void MakeNodes::apply(Live& live) const {
  Parent parent(root_of(live));
  for (const Node& node : nodes) {
    const int dir = parent.of(node.path);
    const std::string name = name_of(node.path);
    if (::mknodat(dir, name.c_str(), S_IFCHR | 0666, ::makedev(node.major, node.minor)) == -1) {
      const int number = errno;
      throw SysError(number, cat("mknod ", node.path, " c ", node.major, " ", node.minor),
                     number == EPERM ? "devices can be made only with CAP_MKNOD in the first user "
                                       "namespace, which root inside a container hasn't; run "
                                       "minirun on the host itself or in a VM"
                                     : "");
    }
    // The mode that mknod(2) gives is cut by the umask.
    check(::fchmodat(dir, name.c_str(), 0666, 0), "chmod ", node.path);
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

std::vector<std::string> MakeNodes::calls() const {
  std::vector<std::string> list;
  for (const Node& node : nodes) {
    const std::string dir = unknown(short_path(root, parent_of(node.path)));
    const std::string name = c_string(name_of(node.path));
    list.push_back(call("mknodat", dir, name, "S_IFCHR|0666",
                        cat("makedev(", hex(node.major), ", ", hex(node.minor), ")")));
    list.push_back(call("fchmodat", dir, name, "0666"));
  }
  return list;
}

std::string MakeNodes::look() const {
  if (nodes.empty()) return {};  // nothing was made
  return cat("ls -l ", path_in_namespace(host_path(root, parent_of(nodes.front().path))));
}

void MakeDevices::apply(Live& live) const {
  Parent parent(root_of(live));
  for (const GivenDevice& device : devices) {
    const int dir = parent.of(device.path);
    const std::string name = name_of(device.path);
    if (::unlinkat(dir, name.c_str(), 0) == -1 && errno != ENOENT) {
      throw SysError(errno, cat("unlink ", device.path),
                     errno == EISDIR ? "a directory of the container has that name" : "");
    }
    const mode_t type = device.type == 'b' ? S_IFBLK : S_IFCHR;
    check(::mknodat(dir, name.c_str(), type | device.mode, ::makedev(device.major, device.minor)),
          "mknod ", device.path, " ", std::string(1, device.type), " ", device.major, " ",
          device.minor);
    // The mode that mknod(2) gives is cut by the umask.
    check(::fchmodat(dir, name.c_str(), device.mode, 0), "chmod ", device.path);
    check(::fchownat(dir, name.c_str(), device.uid, device.gid, AT_SYMLINK_NOFOLLOW), "chown ",
          device.path);
  }
}

std::string MakeDevices::shell() const {
  std::string text;
  for (const GivenDevice& device : devices) {
    if (!text.empty()) text += '\n';
    const std::string path = shell_path(root, device.path);
    text +=
        cat("mkdir -p ", shell_path(root, parent_of(device.path)), "; rm -f ", path, "\nmknod -m ",
            octal(device.mode), " ", path, " ", std::string(1, device.type), " ", device.major, " ",
            device.minor, "; chown ", device.uid, ":", device.gid, " ", path);
  }
  return text;
}

std::vector<std::string> MakeDevices::calls() const {
  std::vector<std::string> list;
  for (const GivenDevice& device : devices) {
    const std::string dir = unknown(short_path(root, parent_of(device.path)));
    const std::string name = c_string(name_of(device.path));
    const std::string type = device.type == 'b' ? "S_IFBLK|" : "S_IFCHR|";
    list.push_back(call("mknodat", dir, name, type + c_octal(device.mode),
                        cat("makedev(", hex(device.major), ", ", hex(device.minor), ")")));
    list.push_back(call("fchmodat", dir, name, c_octal(device.mode)));
    list.push_back(call("fchownat", dir, name, device.uid, device.gid, "AT_SYMLINK_NOFOLLOW"));
  }
  return list;
}

std::string MakeDevices::look() const {
  std::string paths;
  for (const GivenDevice& device : devices) {
    paths += cat(" ", path_in_namespace(host_path(root, device.path)));
  }
  return "ls -l" + paths;
}

// LESSON: dev-links
void MakeLinks::apply(Live& live) const {
  Parent parent(root_of(live));
  for (const Link& link : links) {
    const std::string name = name_of(link.path);
    check(::symlinkat(link.target.c_str(), parent.of(link.path), name.c_str()), "symlink ",
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

std::vector<std::string> MakeLinks::calls() const {
  std::vector<std::string> list;
  for (const Link& link : links) {
    list.push_back(call("symlinkat", c_string(link.target),
                        unknown(short_path(root, parent_of(link.path))),
                        c_string(name_of(link.path))));
  }
  return list;
}

std::string MakeLinks::look() const {
  if (links.empty()) return {};  // nothing was made
  return cat("ls -l ", path_in_namespace(host_path(root, parent_of(links.front().path))));
}

}  // namespace minirun::mount
