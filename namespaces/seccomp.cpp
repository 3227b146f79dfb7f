#include "namespaces/seccomp.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "runner/base/error.h"
#include "runner/base/syscall_text.h"

namespace minirun::ns {

namespace {

// standard_program, guarded_program, sys_admin_program: arrays of struct sock_filter
#include "seccomp_bpf.inc"

}  // namespace

SeccompFilter seccomp_filter_for(CapSet caps) {
  if ((caps & cap_bit(CAP_SYS_ADMIN)) != 0) return SeccompFilter::sys_admin;
  const CapSet dockers =
      default_caps() | cap_bit(CAP_MKNOD) | cap_bit(CAP_NET_RAW) | cap_bit(CAP_AUDIT_WRITE);
  return (caps & ~dockers) != 0 ? SeccompFilter::guarded : SeccompFilter::standard;
}

std::span<const struct sock_filter> seccomp_program(SeccompFilter filter) {
  switch (filter) {
    case SeccompFilter::guarded:
      return guarded_program;
    case SeccompFilter::sys_admin:
      return sys_admin_program;
    case SeccompFilter::standard:
      break;
  }
  return standard_program;
}

// LESSON: seccomp
void InstallSeccomp::apply(Live&) const {
  std::vector<struct sock_filter> owned(own.size());
  std::ranges::transform(own, owned.begin(), std::bit_cast<struct sock_filter, uint64_t>);
  const auto program = own.empty() ? seccomp_program(filter) : std::span(std::as_const(owned));
  struct sock_fprog handed {};
  handed.len = static_cast<unsigned short>(program.size());
  handed.filter = const_cast<struct sock_filter*>(program.data());  // the kernel copies it
  // Before 5.16 a filter also turned off speculative stores past loads, for the whole life of the
  // program and at a price of several per cent. That guards one part of a process against another
  // part of it, such as a script against the browser it runs in; a container's guard is its address
  // space. SPEC_ALLOW makes older kernels do as newer ones, and runc.
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &handed) == 0)
    return;
  const int number = errno;
  std::string hint;
  if (number == EACCES) hint = "without CAP_SYS_ADMIN a filter needs no_new_privs set first";
  if (number == EINVAL || number == ENOSYS)
    hint = "this kernel was built without CONFIG_SECCOMP_FILTER";
  throw SysError(number, cat("seccomp SECCOMP_SET_MODE_FILTER, ", program.size(), " instructions"),
                 hint);
}

std::string InstallSeccomp::shell() const {
  return "# no shell equivalent: seccomp(2) takes a compiled filter, and no program hands it one";
}

std::vector<std::string> InstallSeccomp::calls() const {
  return {call("seccomp", "SECCOMP_SET_MODE_FILTER", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
               cat("{len=", own.empty() ? seccomp_program(filter).size() : own.size(),
                   ", filter=", unknown("program"), "}"))};
}

std::string InstallSeccomp::look() const { return "grep Seccomp /proc/$PID/status"; }

}  // namespace minirun::ns
