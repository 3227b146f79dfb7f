#include "runner/base/locked_dir.h"

#include <sys/file.h>
#include <sys/random.h>

#include <vector>

#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun::files {

bool lock(int fd, int operation, const std::string& name) {
  while (::flock(fd, operation) == -1) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return false;
    const int number = errno;
    throw SysError(number, cat("flock ", name),
                   number == ENOLCK || number == EOPNOTSUPP
                       ? "the store's file system has no locks (a network file system?): choose "
                         "another with --root DIR or MINIRUN_ROOT"
                       : "");
  }
  return true;
}

namespace {

/// True if we hold the lock and the directory is still the one of that name, not one being removed.
bool lock_and_verify(int fd, const std::string& name) {
  if (!lock(fd, LOCK_EX | LOCK_NB, name)) return false;
  struct stat status {};
  check(::fstat(fd, &status), "stat ", name);
  return status.st_nlink > 0;
}

}  // namespace

std::optional<UniqueFd> make_locked_dir(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) == -1) {
    if (errno == EEXIST) return std::nullopt;
    throw SysError(errno, cat("mkdir ", path_of(parent), "/", name));
  }
  auto fd = open_if_exists(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd && lock_and_verify(fd->get(), name)) return fd;
  return std::nullopt;
}

std::optional<UniqueFd> lock_if_abandoned(int parent, const std::string& name) {
  auto fd = open_if_exists(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd && lock_and_verify(fd->get(), name)) return fd;
  return std::nullopt;
}

std::string random_hex(size_t length) {
  std::vector<unsigned char> bytes((length + 1) / 2);
  check(::getrandom(bytes.data(), bytes.size(), 0), "getrandom");
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  hex.resize(length);
  return hex;
}

}  // namespace minirun::files
