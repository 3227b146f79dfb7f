// For the tests of the filter: an interpreter of classic BPF, calls to try it on, and the rules by
// number.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <array>
#include <cstring>
#include <map>
#include <span>
#include <string>

#include "namespaces/seccomp.h"
#include "namespaces/seccomp_rules.h"
#include "runner/base/text.h"
#include "tests/unit/catch.h"

namespace minirun::ns {

inline constexpr uint32_t allowed = SECCOMP_RET_ALLOW;
inline constexpr uint32_t eperm = SECCOMP_RET_ERRNO | EPERM;
inline constexpr uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;
inline constexpr uint32_t killed = SECCOMP_RET_KILL_PROCESS;
inline constexpr std::array all_filters = {SeccompFilter::standard, SeccompFilter::guarded,
                                           SeccompFilter::sys_admin};

/// Classic BPF, as much of it as filters are made of; the kernel's own checks are made as well.
inline uint32_t interpret(std::span<const struct sock_filter> code,
                          const struct seccomp_data& call) {
  uint32_t accumulator = 0;
  for (size_t line = 0;; ++line) {
    if (line >= code.size()) FAIL("a jump leads out of the program");
    const struct sock_filter& now = code[line];
    const auto jump = [&](bool taken) { line += taken ? now.jt : now.jf; };
    switch (now.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (now.k % 4 != 0 || now.k + 4 > sizeof call) FAIL("a load of " << now.k);
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&call) + now.k, 4);
        break;
      case BPF_JMP | BPF_JA:
        line += now.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(accumulator == now.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(accumulator >= now.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(accumulator > now.k);
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        jump((accumulator & now.k) != 0);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= now.k;
        break;
      case BPF_RET | BPF_K:
        return now.k;
      default:
        FAIL("unexpected instruction " << now.code);
    }
  }
}

inline uint32_t native_token() {
  return seccomp_arch_native() == SCMP_ARCH_X86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
}

inline struct seccomp_data make_call(uint32_t nr, std::array<uint64_t, 2> args = {},
                                     uint32_t arch = native_token()) {
  struct seccomp_data call {};
  call.nr = static_cast<int>(nr);
  call.arch = arch;
  call.args[0] = args[0];
  call.args[1] = args[1];
  return call;
}

inline uint32_t number_of(std::string_view name) {
  const int number = seccomp_syscall_resolve_name(std::string(name).c_str());
  INFO(name);
  REQUIRE(number >= 0);
  return static_cast<uint32_t>(number);
}

inline uint32_t answer(std::string_view name, std::array<uint64_t, 2> args = {},
                       SeccompFilter filter = SeccompFilter::standard) {
  return interpret(seccomp_program(filter), make_call(number_of(name), args));
}

inline std::map<uint32_t, seccomp_rules::Rule> rules_by_number() {
  std::map<uint32_t, seccomp_rules::Rule> known;
  for (const seccomp_rules::Group& group : seccomp_rules::groups) {
    for (const std::string_view name : split(group.names, ' ')) {
      const int number = seccomp_syscall_resolve_name(std::string(name).c_str());
      INFO(name);
      CHECK(number != __NR_SCMP_ERROR);
      if (number >= 0) known.emplace(static_cast<uint32_t>(number), group.rule);
    }
  }
  return known;
}

inline bool is_allowed_unseen(seccomp_rules::Rule rule, SeccompFilter filter) {
  if (rule == seccomp_rules::Rule::guarded) return filter != SeccompFilter::standard;
  if (rule == seccomp_rules::Rule::admin) return filter == SeccompFilter::sys_admin;
  return rule != seccomp_rules::Rule::deny;
}

}  // namespace minirun::ns
