// The last steps of the child: where it stands, what it still holds, and the program.
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// chdir to WorkingDir, resolved without magic links: /proc/self/fd/N would lead out
/// (CVE-2024-21626); getcwd(2) proves it. Done as the user that the program runs as.
struct ChangeDir {
  std::string path;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const ChangeDir&) const = default;
};

/// Marks every descriptor from 3 up close-on-exec (close_range(2), CLOSE_RANGE_CLOEXEC): what the
/// caller leaked into minirun ends here, and the channel lives until the exec has succeeded.
struct CloseFds {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const CloseFds&) const = default;
};

/// Becomes the program. A name without "/" is looked for in PATH of `env`, as execvp(3) does. What
/// would run minirun itself (/proc/self/exe, also as a script's interpreter) is refused: a
/// container must not get hold of the host's binary (CVE-2019-5736). Throws ExecError 126 or 127;
/// does not return otherwise.
struct Exec {
  std::vector<std::string> argv;  ///< not empty
  std::vector<std::string> env;
  std::string cwd;  ///< for the shell form

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Exec&) const = default;
};

}  // namespace minirun::ns
