#include "namespaces/unshare.h"

#include <sched.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"

namespace minirun::ns {
namespace {

struct Kind {
  uint64_t flag;
  const char* name;
  const char* option;  // of unshare(1)
  const char* link;    // in /proc/PID/ns
};
// In the order of their numbers, in which strace(1) prints them.
constexpr std::array<Kind, 7> kinds = {{{CLONE_NEWNS, "CLONE_NEWNS", " --mount", "mnt"},
                                        {CLONE_NEWCGROUP, "CLONE_NEWCGROUP", " --cgroup", "cgroup"},
                                        {CLONE_NEWUTS, "CLONE_NEWUTS", " --uts", "uts"},
                                        {CLONE_NEWIPC, "CLONE_NEWIPC", " --ipc", "ipc"},
                                        {CLONE_NEWUSER, "CLONE_NEWUSER", " --user", "user"},
                                        {CLONE_NEWPID, "CLONE_NEWPID", " --pid", "pid"},
                                        {CLONE_NEWNET, "CLONE_NEWNET", " --net", "net"}}};

std::string hint_for_unshare(int number) {
  switch (number) {
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

// LESSON: uts-namespace, ipc-namespace, network-namespace, cgroup-namespace
void NewNamespace::apply(Live&) const {
  if (::unshare(static_cast<int>(flag)) == 0) return;
  const int number = errno;
  throw SysError(number, cat("unshare ", clone_flag_names(flag)), hint_for_unshare(number));
}

std::string NewNamespace::shell() const {
  return cat("# unshare", unshare_options(flag), ": made with those of step clone");
}

std::vector<std::string> NewNamespace::calls() const {
  return {call("unshare", clone_flag_names(flag))};
}

std::string NewNamespace::look() const { return look_at_namespaces(flag); }

std::string clone_flag_names(uint64_t flags) {
  std::string names;
  for (const Kind& kind : kinds) {
    if ((flags & kind.flag) != 0) names += cat(names.empty() ? "" : "|", kind.name);
  }
  return names;
}

std::string look_at_namespaces(uint64_t flags) {
  std::string links;
  for (const Kind& kind : kinds) {
    if ((flags & kind.flag) == 0) continue;
    links += cat(" /proc/self/ns/", kind.link, " /proc/$PID/ns/", kind.link);
  }
  return "readlink" + links;
}

std::string unshare_options(uint64_t flags) {
  std::string options;
  for (const Kind& kind : kinds) {
    if ((flags & kind.flag) != 0) options += kind.option;
  }
  return options;
}

}  // namespace minirun::ns
