// A process's directory in /proc, held open.
//
// The descriptor is of the process and not of its number: once it has ended every read says ESRCH,
// even if another process has the number by then. So no two reads are of different processes.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>

#include "runner/base/unique_fd.h"

namespace minirun {

class ProcDir {
 public:
  /// Nothing where there is no such process, or we may not look at it (proc(5), hidepid): errno
  /// says which.
  static std::optional<ProcDir> open(pid_t pid);
  static ProcDir self();

  /// The content of a file, at most `limit` bytes of it. Nothing where it can't be read: `error`
  /// has the errno.
  std::optional<std::string> read(const std::string& name, size_t limit = 1 << 20);
  std::optional<std::string> read_link(const std::string& name);
  /// Of what a link leads to.
  std::optional<struct stat> stat(const std::string& name);

  int error() const { return error_; }
  bool is_there();  ///< false once the process has ended and been waited for

 private:
  explicit ProcDir(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  int error_ = 0;
};

}  // namespace minirun
