// Which system calls the container may make. The list is in seccomp_rules.h; it is compiled to BPF
// when minirun is built (seccomp_compile.cpp, which asks libseccomp for the numbers), so a start
// only hands the kernel an array.
//
// Source: seccomp(2); Documentation/userspace-api/seccomp_filter.rst.
#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "namespaces/caps.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// Which of the filters: what --cap-add gave must not be taken away by seccomp in silence.
enum class SeccompFilter {
  standard,   ///< for no more than Docker's default capabilities
  guarded,    ///< allows as well what the kernel itself guards with a capability
  sys_admin,  ///< and what CAP_SYS_ADMIN is for: mounts, namespaces, bpf
};

/// The filter for a container that has these capabilities.
SeccompFilter seccomp_filter_for(CapSet caps);

/// The program, for the machine that minirun was built for.
std::span<const struct sock_filter> seccomp_program(SeccompFilter filter);

/// Installs the filter; from the next call on it holds. Needs no_new_privs, or CAP_SYS_ADMIN.
struct InstallSeccomp {
  SeccompFilter filter = SeccompFilter::standard;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const InstallSeccomp&) const = default;
};

}  // namespace minirun::ns
