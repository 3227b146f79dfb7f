// The last steps of the child: where it stands, what it still holds, and the program.
#pragma once

#include <string>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// chdir to WorkingDir, resolved without magic links: /proc/self/fd/N would lead out
/// (CVE-2024-21626); getcwd(2) proves it. Done before the user changes, as runc does: the program
/// may stand where its user could not go.
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

/// Why the kernel did not execute `path`: ExecError 126 or 127, with what to do about it.
ExecError cannot_execute(const std::string& path, int error);

/// Becomes the program, by way of a stub in memory (exec_stub.c), so that /proc/self/exe is no file
/// of the host when a file of the image is executed (CVE-2019-5736). A name without "/" is looked
/// for in PATH of `env`, as execvp(3) does. Throws ExecError 126 or 127; does not return otherwise.
/// What fails in the stub comes over live.channel: errno and the path.
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
