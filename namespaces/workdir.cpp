#include "namespaces/workdir.h"

#include <unistd.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

// LESSON: workdir
void ChangeDir::apply(Live& /*live*/) const {
  const UniqueFd dir(open_inside(path, O_PATH | O_DIRECTORY));
  const int error = dir ? 0 : errno;
  if (error == ELOOP) {
    throw SysError(error, cat("chdir ", path),
                   "the working directory leads through a link of /proc, which would lead out of "
                   "the container, "
                   "or through a loop of symlinks; name another with -w");
  }
  if (error != 0)
    throw SysError(error, cat("chdir ", path), "name another working directory with -w");
  check(::fchdir(dir.get()), "chdir ", path);
  static_cast<void>(current_dir());
}

// No symlinks are allowed: one of /proc could lead to the shell's working directory, the host's
// /usr (CVE-2024-21626), which the shell needs for its programs. env -C in the last line changes
// the directory.
std::string ChangeDir::shell() const {
  return cat(
      "# no shell equivalent: it is entered in the last line, so the user has to be allowed to\n"
      "inside '' ",
      shell_quote(path), "\nworkdir=${at:-/}");
}

std::vector<std::string> ChangeDir::calls() const { return {call("fchdir", unknown(path))}; }

std::string ChangeDir::look() const { return "ls -l /proc/$PID/cwd"; }

int open_inside(const std::string& path, int flags) {
  const UniqueFd root = files::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  return files::try_open_in_root(root.get(), path, flags);
}

std::string current_dir() {
  std::array<char, 4096> where{};
  if (::getcwd(where.data(), where.size()) == nullptr || where[0] != '/') {
    throw Error("the working directory is outside the container's root",
                "name another working directory with -w");
  }
  return where.data();
}

}  // namespace minirun::ns
