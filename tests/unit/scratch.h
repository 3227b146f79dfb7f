// What tests stand on: a directory that goes, and a mount namespace that goes.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"

namespace minirun::scratch {

/// A new directory, removed with all in it. Names are relative to it.
class Dir {
 public:
  explicit Dir(const std::string& parent = "/tmp") {
    std::string name = parent + "/minirun-unit-XXXXXX";
    check(::mkdtemp(name.data()) == nullptr ? -1 : 0, "mkdtemp");
    path_ = name;
    fd_ = files::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
  }
  Dir(const Dir&) = delete;
  Dir& operator=(const Dir&) = delete;
  ~Dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }

  std::string read(const std::string& name) const { return files::read_file(fd(), name, 64 << 20); }
  bool exists(const std::string& name) const { return files::stat_at(fd(), name).has_value(); }
  struct stat stat(const std::string& name) const {
    return files::stat_at(fd(), name).value();
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Makes its directory too.
inline void write_file(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

inline void link_to(const std::string& target, const std::string& path) {
  check(::symlink(target.c_str(), path.c_str()), "symlink ", path);
}

/// As overlay2 has them: a character device 0:0. Makes its directory too.
inline void whiteout(const std::string& path) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  check(::mknod(path.c_str(), S_IFCHR, makedev(0, 0)), "mknod ", path);
}

inline struct stat lstat_of(const std::string& path) {
  struct stat status {};
  check(::lstat(path.c_str(), &status), "lstat ", path);
  return status;
}

inline bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

using test::is_root;

/// Runs `body` in a thread with a mount namespace of its own, private, and a tmpfs on `dir`. All
/// its mounts go with the thread. Exceptions, failed assertions among them, come out of it. Its cwd
/// and umask are its own too.
template <typename Body>
void in_mount_namespace(const std::string& dir, Body body) {
  std::async(std::launch::async, [&] {
    check(::unshare(CLONE_NEWNS), "unshare");
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make private");
    check(::mount("tmpfs", dir.c_str(), "tmpfs", 0, nullptr), "mount tmpfs");
    check(::chdir(dir.c_str()), "chdir");
    body();
  }).get();
}

}  // namespace minirun::scratch
