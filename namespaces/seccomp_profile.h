// A filter of the user's own (--security-opt seccomp=FILE): rules by name, compiled by libseccomp
// when the container starts. The filter of minirun itself is compiled when minirun is built.
//
// Source: runtime-spec, config-linux.md "Seccomp"; seccomp_rule_add(3), seccomp_export_bpf(3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace minirun::ns {

struct SeccompProfile {
  /// A comparison of one argument.
  struct Argument {
    unsigned index = 0;
    std::string op;  ///< "SCMP_CMP_EQ"
    uint64_t value = 0;
    uint64_t value_two = 0;  ///< of SCMP_CMP_MASKED_EQ: what the masked argument has to be
  };
  struct Rule {
    std::vector<std::string> names;
    std::string action;                 ///< "SCMP_ACT_ALLOW"
    std::optional<unsigned> errno_ret;  ///< of SCMP_ACT_ERRNO; EPERM without a value
    std::vector<Argument> arguments;    ///< all must be true; of one index, one of them
  };
  std::string default_action;
  std::optional<unsigned> default_errno;
  std::vector<std::string>
      architectures;  ///< "SCMP_ARCH_X86_64"; the machine's is always among them
  std::vector<Rule> rules;
};

/// A BPF program: each instruction is a struct sock_filter in 8 bytes. A name that this libseccomp
/// doesn't know is passed over, as runc does it. Throws UsageError for an unknown action,
/// architecture or comparison, and Error if libseccomp refuses a rule.
std::vector<uint64_t> compile(const SeccompProfile& profile);

}  // namespace minirun::ns
