// Which system calls the container may make. The list is in seccomp_rules.h; it is compiled to BPF when minirun is built
// (seccomp_compile.cpp, with libseccomp), so a start only hands the kernel an array.
//
// Source: seccomp(2); Documentation/userspace-api/seccomp_filter.rst.
#pragma once

#include <string>

#include "runner/base/live.h"

namespace minirun::ns {

/// Installs the filter; from the next call on it holds. Needs no_new_privs, or CAP_SYS_ADMIN.
struct InstallSeccomp {
  void apply(Live& live) const;
  std::string shell() const;
  bool operator==(const InstallSeccomp&) const = default;
};

}  // namespace minirun::ns
