#include "namespaces/uts.h"

#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

std::string hint_for_hostname(int number) {
  if (number == EINVAL) return "a hostname has at most 64 bytes: give a shorter one with -h";
  return {};
}

}  // namespace

// LESSON: hostname
void SetHostname::apply(Live&) const {
  if (::sethostname(name.data(), name.size()) == 0) return;
  const int number = errno;
  throw SysError(number, cat("sethostname ", printable(name)), hint_for_hostname(number));
}

// hostname(1) is no part of coreutils. A write to this file sets the name of the writer's
// namespace.
std::string SetHostname::shell() const {
  return cat("printf '%s\\n' ", shell_quote(name), " > /proc/sys/kernel/hostname");
}

std::vector<std::string> SetHostname::calls() const {
  return {call("sethostname", c_string(name), name.size())};
}

std::string SetHostname::look() const { return "nsenter -t $PID -u uname -n"; }

}  // namespace minirun::ns
