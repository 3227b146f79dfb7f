#include "runner/process/proc_dir.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "runner/base/error.h"
#include "runner/base/files.h"

namespace minirun {

std::optional<ProcDir> ProcDir::open(pid_t pid) {
  const std::string path = cat("/proc/", pid);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  return ProcDir(std::move(fd));
}

ProcDir ProcDir::self() {
  return ProcDir(files::open_at(AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY));
}

std::optional<std::string> ProcDir::read(const std::string& name, size_t limit) {
  const UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  error_ = errno;
  if (!fd) return std::nullopt;
  std::string content;
  std::array<char, 16384> block{};
  while (content.size() < limit) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    error_ = errno;
    if (got == -1 && error_ == EINTR) continue;
    if (got == -1) return std::nullopt;
    if (got == 0) break;
    content.append(block.data(), std::min(static_cast<size_t>(got), limit - content.size()));
  }
  return content;
}

std::optional<std::string> ProcDir::read_link(const std::string& name) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlinkat(fd_.get(), name.c_str(), target.data(), target.size());
  error_ = errno;
  if (length == -1) return std::nullopt;
  return std::string(target.data(), static_cast<size_t>(length));
}

std::optional<struct stat> ProcDir::stat(const std::string& name) {
  struct stat status {};
  const int result = ::fstatat(fd_.get(), name.c_str(), &status, 0);
  error_ = errno;
  if (result == -1) return std::nullopt;
  return status;
}

bool ProcDir::is_there() { return read("stat").has_value() || error_ != ESRCH; }

}  // namespace minirun
