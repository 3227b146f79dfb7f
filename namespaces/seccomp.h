// The filter for the container's system calls. The list is in seccomp_rules.h. It is compiled to
// BPF when minirun is built (seccomp_compile.cpp; libseccomp has the numbers). So at the start
// minirun only gives the kernel an array.
//
// Source: seccomp(2); Documentation/userspace-api/seccomp_filter.rst.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "namespaces/caps.h"
#include "runner/base/live.h"

namespace minirun::ns {

/// The filters. A container with more capabilities (--cap-add) needs a wider one, else seccomp
/// would refuse what the capability allows.
enum class SeccompFilter {
  standard,   ///< for Docker's default capabilities or fewer
  guarded,    ///< also allows calls for which the kernel itself checks a capability
  sys_admin,  ///< also allows what CAP_SYS_ADMIN is for: mounts, namespaces, bpf
};

/// The filter for a container that has these capabilities.
SeccompFilter seccomp_filter_for(CapSet caps);

/// The BPF program of a filter, for the architecture that minirun was built for.
std::span<const struct sock_filter> seccomp_program(SeccompFilter filter);

/// Installs the filter, which checks every system call from the next one on. Needs no_new_privs or
/// CAP_SYS_ADMIN.
struct InstallSeccomp {
  SeccompFilter filter = SeccompFilter::standard;
  std::vector<uint64_t> own = {};  ///< a program of the user's instead: seccomp_profile.h

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const InstallSeccomp&) const = default;
};

}  // namespace minirun::ns
