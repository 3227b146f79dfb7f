// The last step of the child: it becomes the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// PATH of an environment, in which the program is looked for; a usual one if there is none.
std::string_view path_variable(const std::vector<std::string>& env);

/// Says why the kernel did not execute `path`: an ExecError 126 or 127, with a hint.
ExecError cannot_execute(const std::string& path, int error);

/// Becomes the program. Before that, it becomes a stub in memory (exec_stub.c). So /proc/self/exe
/// is no file of the host when the program is executed (CVE-2019-5736). A name without "/" is
/// searched in PATH of `env`, as in execvp(3). Throws ExecError 126 or 127. Does not return if it
/// succeeds. If the stub fails, it sends errno and the path over live.channel.
///
/// With `init` the stub stays pid 1. It starts the program, passes signals on to it, reaps every
/// process whose parent has ended, and ends with the program's status.
struct Exec {
  std::vector<std::string> argv;  ///< not empty
  std::vector<std::string> env;
  std::string cwd;    ///< for the shell form
  bool init = false;  ///< the stub stays pid 1, and the program is its child

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const Exec&) const = default;
};

}  // namespace minirun::ns
