#include "namespaces/seccomp_profile.h"

#include <linux/filter.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/base/unique_fd.h"

namespace minirun::ns {
namespace {

static_assert(sizeof(struct sock_filter) == sizeof(uint64_t));

struct Release {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

uint32_t action_of(const std::string& name, std::optional<unsigned> errno_ret) {
  const unsigned number = errno_ret.value_or(EPERM);
  if (name == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(number);
  if (name == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  if (name == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
  if (name == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(number);
  if (name == "SCMP_ACT_KILL" || name == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
  if (name == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  throw UsageError(cat("seccomp profile: unknown action ", printable(name)),
                   "there are SCMP_ACT_ALLOW, ERRNO, LOG, TRAP, TRACE, KILL, KILL_THREAD and "
                   "KILL_PROCESS");
}

scmp_compare comparison_of(const std::string& name) {
  struct Known {
    const char* name;
    scmp_compare value;
  };
  static constexpr std::array<Known, 7> known = {{{"SCMP_CMP_NE", SCMP_CMP_NE},
                                                  {"SCMP_CMP_LT", SCMP_CMP_LT},
                                                  {"SCMP_CMP_LE", SCMP_CMP_LE},
                                                  {"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                                  {"SCMP_CMP_GE", SCMP_CMP_GE},
                                                  {"SCMP_CMP_GT", SCMP_CMP_GT},
                                                  {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}}};
  for (const Known& each : known) {
    if (name == each.name) return each.value;
  }
  throw UsageError(cat("seccomp profile: unknown comparison ", printable(name)),
                   "there are SCMP_CMP_NE, LT, LE, EQ, GE, GT and MASKED_EQ");
}

/// libseccomp says what went wrong as a negative errno.
void require(int result, const std::string& what) {
  if (result < 0 && result != -EEXIST) throw SysError(-result, cat("seccomp profile: ", what));
}

void add_architecture(void* context, const std::string& name) {
  static constexpr std::string_view prefix = "SCMP_ARCH_";
  std::string lower;
  for (const char c : name.substr(std::min(prefix.size(), name.size()))) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const uint32_t token = name.starts_with(prefix) ? ::seccomp_arch_resolve_name(lower.c_str()) : 0;
  if (token == 0) {
    throw UsageError(cat("seccomp profile: unknown architecture ", printable(name)),
                     "names are those of seccomp_arch_add(3): SCMP_ARCH_X86_64");
  }
  require(::seccomp_arch_add(context, token), "add " + name);
}

scmp_arg_cmp filter_argument(const SeccompProfile::Argument& argument) {
  constexpr unsigned most = 6;
  if (argument.index >= most) {
    throw UsageError(cat("seccomp profile: a system call has no argument ", argument.index),
                     "they are counted from 0 to 5");
  }
  return {argument.index, comparison_of(argument.op), argument.value, argument.value_two};
}

void add_rule(void* context, const SeccompProfile::Rule& rule, uint32_t action) {
  std::vector<scmp_arg_cmp> arguments;
  bool one_index_twice = false;
  for (const auto& argument : rule.arguments) {
    const scmp_arg_cmp made = filter_argument(argument);
    one_index_twice |= std::any_of(arguments.begin(), arguments.end(),
                                   [&](const auto& other) { return other.arg == made.arg; });
    arguments.push_back(made);
  }
  for (const std::string& name : rule.names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue;
    const auto add = [&](const scmp_arg_cmp* first, size_t count) {
      require(
          ::seccomp_rule_add_array(context, action, number, static_cast<unsigned>(count), first),
          cat("the rule for ", printable(name)));
    };
    if (!one_index_twice) {
      add(arguments.data(), arguments.size());
      continue;
    }
    for (const scmp_arg_cmp& each : arguments) add(&each, 1);
  }
}

std::vector<uint64_t> exported(void* context) {
  const UniqueFd file(check(::memfd_create("minirun-filter", MFD_CLOEXEC), "memfd_create"));
  require(::seccomp_export_bpf(context, file.get()), "compile");
  const off_t size = check(::lseek(file.get(), 0, SEEK_END), "lseek of the filter");
  std::vector<uint64_t> program(static_cast<size_t>(size) / sizeof(uint64_t));
  check(::pread(file.get(), program.data(), program.size() * sizeof(uint64_t), 0),
        "read the filter");
  return program;
}

}  // namespace

std::vector<uint64_t> compile(const SeccompProfile& profile) {
  const uint32_t fallback = action_of(profile.default_action, profile.default_errno);
  const Context context(::seccomp_init(fallback));
  if (!context) throw Error("seccomp profile: libseccomp can't start: memory is short");
  for (const std::string& name : profile.architectures) add_architecture(context.get(), name);
  for (const auto& rule : profile.rules) {
    const uint32_t action = action_of(rule.action, rule.errno_ret);
    if (action != fallback) add_rule(context.get(), rule, action);  // libseccomp refuses the same
  }
  return exported(context.get());
}

}  // namespace minirun::ns
