#include "namespaces/unshare.h"

#include <sched.h>

#include <array>

#include "runner/base/error.h"

namespace minirun::ns {
namespace {

struct Kind {
  uint64_t flag;
  const char* name;
  const char* option;
};
constexpr std::array<Kind, 7> kinds = {{{CLONE_NEWNS, "CLONE_NEWNS", " --mount"},
                                        {CLONE_NEWUTS, "CLONE_NEWUTS", " --uts"},
                                        {CLONE_NEWIPC, "CLONE_NEWIPC", " --ipc"},
                                        {CLONE_NEWNET, "CLONE_NEWNET", " --net"},
                                        {CLONE_NEWPID, "CLONE_NEWPID", " --pid"},
                                        {CLONE_NEWCGROUP, "CLONE_NEWCGROUP", " --cgroup"},
                                        {CLONE_NEWUSER, "CLONE_NEWUSER", " --user"}}};

std::string hint_for(int number) {
  switch (number) {
    case EPERM:
      return "a new namespace needs root (CAP_SYS_ADMIN): run it with sudo";
    case EINVAL:
      return "this kernel lacks that namespace; see namespaces(7)";
    case ENOSPC:
    case EUSERS:
      return "a limit on namespaces is reached: see /proc/sys/user/max_*_namespaces";
    default:
      return {};
  }
}

}  // namespace

void NewNamespace::apply(Live&) const {
  if (::unshare(static_cast<int>(flag)) == 0) return;
  const int number = errno;
  throw SysError(number, cat("unshare ", clone_flag_names(flag)), hint_for(number));
}

std::string NewNamespace::shell() const {
  return cat("# unshare", unshare_options(flag), ": made with those of step clone");
}

std::string clone_flag_names(uint64_t flags) {
  std::string names;
  for (const Kind& kind : kinds) {
    if ((flags & kind.flag) != 0) names += cat(names.empty() ? "" : "|", kind.name);
  }
  return names;
}

std::string unshare_options(uint64_t flags) {
  std::string options;
  for (const Kind& kind : kinds) {
    if ((flags & kind.flag) != 0) options += kind.option;
  }
  return options;
}

}  // namespace minirun::ns
