#include "runner/base/files.h"

#include <dirent.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::files {

UniqueFd open_at(int dir, const std::string& name, int flags, mode_t mode) {
  return UniqueFd(check(::openat(dir, name.c_str(), flags | O_CLOEXEC, mode), "open ", name));
}

std::optional<UniqueFd> open_if_exists(int dir, const std::string& name, int flags) {
  UniqueFd fd(::openat(dir, name.c_str(), flags | O_CLOEXEC));
  if (fd) return fd;
  if (errno == ENOENT) return std::nullopt;
  throw SysError(errno, cat("open ", name));
}

int try_open_in_root(int root, const std::string& path, int flags, uint64_t resolve) {
  struct open_how how {};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve;
  // EAGAIN: a rename or mount anywhere raced with a ".." of the path, which the kernel cannot then
  // vouch for (openat2(2), ERRORS). A handful of tries is plenty; an attacker who wins them all
  // only gets an error.
  for (int attempt = 0;; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd != -1 || errno != EAGAIN || attempt == 100) return static_cast<int>(fd);
  }
}

namespace {

SysError cannot_open_in_root(int number, const std::string& path) {
  const std::string attempt = cat("open ", path, " in the root");
  switch (number) {
    case ELOOP:
      return {number, attempt,
              "the image has a loop of symlinks there, or one that leads into a link of /proc"};
    case ENOTDIR:
      return {number, attempt, "the image has a file where that path needs a directory"};
    case EAGAIN:
      return {number, attempt, "something renames or mounts on that path all the time: try again"};
    default:
      return {number, attempt};
  }
}

}  // namespace

UniqueFd open_in_root(int root, const std::string& path, int flags, uint64_t resolve) {
  UniqueFd fd(try_open_in_root(root, path, flags, resolve));
  if (!fd) throw cannot_open_in_root(errno, path);
  return fd;
}

namespace {

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// Where a symlink at `path` (whose parent is `parent`) points, as a path in the same root; nullopt
/// if it is no symlink.
std::optional<std::string> link_target(int parent, const std::string& path) {
  auto target = read_link(parent, name_of(path));
  if (!target || target->starts_with('/')) return target;
  return parent_of(path) + "/" + *target;
}

constexpr int max_links = 40;  // the kernel's own bound, path_resolution(7)

using MakeLast = void (*)(int parent, const std::string& name);

void make_dir(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0755) == -1 && errno != EEXIST) {
    throw SysError(errno, cat("mkdir ", name));
  }
}

void make_file(int parent, const std::string& name) {
  const UniqueFd made = open_at(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
}

/// Opens `path`, and makes its last part with `make` if it is missing. The kernel resolves the path
/// again from the root each time. So what is opened lies inside, even if somebody changes the tree
/// meanwhile.
UniqueFd make_in_root(int root, const std::string& path, int flags, MakeLast make, int links) {
  if (const int fd = try_open_in_root(root, path, flags); fd != -1) return UniqueFd(fd);
  if (errno != ENOENT) throw cannot_open_in_root(errno, path);
  if (links > max_links) throw SysError(ELOOP, cat("make ", path, " in the root"));
  const UniqueFd parent =
      make_in_root(root, parent_of(path), O_PATH | O_DIRECTORY, make_dir, links);
  if (const auto target = link_target(parent.get(), path)) {
    return make_in_root(root, without_trailing_slashes(*target), flags, make, links + 1);
  }
  make(parent.get(), name_of(path));
  return open_in_root(root, path, flags);
}

/// No umask while it lives: what is made gets exactly its mode at once. A chmod(2) afterwards would
/// follow a symlink that was put there meanwhile.
class NoUmask {
 public:
  NoUmask() : before_(::umask(0)) {}
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;
  ~NoUmask() { ::umask(before_); }

 private:
  mode_t before_;
};

}  // namespace

UniqueFd make_dir_in_root(int root, const std::string& path) {
  const NoUmask no_umask;
  return make_in_root(root, without_trailing_slashes(path), O_PATH | O_DIRECTORY, make_dir, 0);
}

UniqueFd make_file_in_root(int root, const std::string& path) {
  const NoUmask no_umask;
  return make_in_root(root, without_trailing_slashes(path), O_PATH, make_file, 0);
}

std::string read_all(int fd, std::string_view name, size_t limit) {
  std::string content;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): read(2) fills it
  std::array<char, 16384> block;
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got == -1 && errno == EINTR) continue;
    if (check(got, "read ", name) == 0) return content;
    if (content.size() + static_cast<size_t>(got) > limit) {
      throw Error(cat(name, " is longer than ", human_size(limit)));
    }
    content.append(block.data(), static_cast<size_t>(got));
  }
}

std::string read_file(int dir, const std::string& name, size_t limit) {
  const UniqueFd fd = open_at(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  check(::fstat(fd.get(), &status), "stat ", name);
  if (!S_ISREG(status.st_mode)) throw Error(cat(name, " is not a regular file"));
  return read_all(fd.get(), name, limit);
}

void write_all(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written == -1 && errno == EINTR) continue;
    bytes.remove_prefix(static_cast<size_t>(check(written, "write ", name)));
  }
}

namespace {

/// A file that is removed unless it was renamed away first.
struct Temporary {
  int dir;
  std::string name;
  ~Temporary() { ::unlinkat(dir, name.c_str(), 0); }
};

}  // namespace

void replace_file(int dir, const std::string& name, std::string_view bytes, mode_t mode) {
  // The pid makes the name ours: two runners that replace the same file each rename their own.
  // Where others may write too (/tmp) one of them may have guessed it, so what is there already is
  // not written to but replaced.
  const Temporary temporary{dir, cat(".", name, ".", ::getpid())};
  ::unlinkat(dir, temporary.name.c_str(), 0);
  const UniqueFd fd = open_at(dir, temporary.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  write_all(fd.get(), bytes, name);
  check(::fchmod(fd.get(), mode), "chmod ", name);  // whatever the umask
  check(::renameat(dir, temporary.name.c_str(), dir, name.c_str()), "rename to ", name);
}

std::vector<std::string> list_dir(int dir, const std::string& name) {
  const UniqueFd fd = open_at(dir, name, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  alignas(dirent64) std::array<char, 8192> entries;  // NOLINT(*-member-init): the kernel fills it
  // Not readdir(3): opendir(3) takes 32 KB and three more calls, and each start lists ten
  // directories.
  while (const ssize_t got = check(::getdents64(fd.get(), entries.data(), entries.size()),
                                   "read directory ", name)) {
    for (ssize_t at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries.data() + at);
      const std::string_view found = entry->d_name;
      if (found != "." && found != "..") names.emplace_back(found);
      at += entry->d_reclen;
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<struct stat> stat_at(int dir, const std::string& name) {
  struct stat status {};
  if (::fstatat(dir, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw SysError(errno, cat("stat ", name));
}

std::optional<std::string> read_link(int dir, const std::string& name) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlinkat(dir, name.c_str(), target.data(), target.size());
  if (length >= 0) return std::string(target.data(), static_cast<size_t>(length));
  if (errno == ENOENT || errno == EINVAL) return std::nullopt;
  throw SysError(errno, cat("readlink ", name));
}

std::string path_of(int fd) {
  return read_link(AT_FDCWD, cat("/proc/self/fd/", fd)).value_or(cat("descriptor ", fd));
}

namespace {

/// mkdir(2) with exactly this mode, whatever the umask; false with errno if it fails.
bool make_dir(const std::string& path, mode_t mode) {
  // Not by chmod(2): somebody else may have put a symlink there by then.
  const mode_t before = ::umask(0);
  const bool made = ::mkdir(path.c_str(), mode) == 0;
  ::umask(before);
  return made;
}

}  // namespace

void write_existing(const std::string& path, std::string_view bytes) {
  write_all(open_at(AT_FDCWD, path, O_WRONLY).get(), bytes, path);
}

std::string current_dir() {
  std::array<char, PATH_MAX> path{};
  // "(unreachable)" stands before one that is not below our root: getcwd(3), NOTES.
  if (::getcwd(path.data(), path.size()) == nullptr || path[0] != '/') return {};
  return path.data();
}

void make_dirs(const std::string& path, mode_t mode) {
  if (make_dir(path, mode) || errno == EEXIST) return;
  if (errno != ENOENT || path == "/" || path.empty()) {
    const int number = errno;
    throw SysError(number, cat("mkdir ", path),
                   number == ENOTDIR ? "a file stands where that path needs a directory" : "");
  }
  make_dirs(parent_of(path), 0755);
  if (!make_dir(path, mode) && errno != EEXIST) {
    throw SysError(errno, cat("mkdir ", path));
  }
}

}  // namespace minirun::files
