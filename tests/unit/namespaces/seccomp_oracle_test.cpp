// The compiled filter against libseccomp's own idea of the same rules: every number, arguments with
// and without high bits.
//
// libseccomp can't say "EPERM for these arguments, else allow" beside a default of ENOSYS. So the
// oracle is a stack of filters, each with the default that its rules need, and the strictest answer
// counts, as seccomp(2) has it.
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <memory>
#include <vector>

#include "runner/base/error.h"
#include "runner/base/unique_fd.h"
#include "tests/unit/namespaces/seccomp_bpf.h"

namespace minirun::ns {

namespace {

using Code = std::vector<struct sock_filter>;

/// The stricter of two answers has the lower action value, as a signed number: seccomp(2), "Return
/// values".
uint32_t stricter(uint32_t one, uint32_t other) {
  const auto action = [](uint32_t answer) {
    return static_cast<int32_t>(answer & SECCOMP_RET_ACTION_FULL);
  };
  return action(other) < action(one) ? other : one;
}

struct FreeContext {
  void operator()(void* context) const { seccomp_release(context); }
};

/// One of libseccomp's filters.
class Oracle {
 public:
  explicit Oracle(uint32_t by_default) : context_(seccomp_init(by_default)) {
    REQUIRE(context_ != nullptr);
    REQUIRE(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0);
  }
  void add(uint32_t action, uint32_t nr, std::vector<struct scmp_arg_cmp> args = {}) {
    REQUIRE(seccomp_rule_add_array(context_.get(), action, static_cast<int>(nr),
                                   static_cast<unsigned>(args.size()), args.data()) == 0);
  }
  Code code() const {
    const UniqueFd file(check(::memfd_create("oracle", MFD_CLOEXEC), "memfd"));
    REQUIRE(seccomp_export_bpf(context_.get(), file.get()) == 0);
    Code code(static_cast<size_t>(::lseek(file.get(), 0, SEEK_END)) / sizeof(struct sock_filter));
    REQUIRE(::pread(file.get(), code.data(), code.size() * sizeof code[0], 0) > 0);
    return code;
  }

 private:
  std::unique_ptr<void, FreeContext> context_;
};

constexpr struct scmp_arg_cmp low(unsigned index, uint64_t mask, uint64_t value) {
  return {index, SCMP_CMP_MASKED_EQ, mask, value};
}

std::vector<Code> oracle_for(SeccompFilter filter) {
  Oracle names(SCMP_ACT_ERRNO(ENOSYS)), denied_arguments(SCMP_ACT_ALLOW);
  for (const auto& [number, rule] : rules_by_number()) {
    names.add(is_allowed_unseen(rule, filter) ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), number);
  }
  const uint32_t no = SCMP_ACT_ERRNO(EPERM);
  for (const uint64_t command : {0x5412, 0x541c}) {  // TIOCSTI, TIOCLINUX
    denied_arguments.add(no, number_of("ioctl"), {low(1, 0xffffffff, command)});
  }
  for (const uint64_t family : {AF_ALG, AF_VSOCK}) {
    denied_arguments.add(no, number_of("socket"), {low(0, 0xffffffff, family)});
  }
  if (filter == SeccompFilter::sys_admin) {
    names.add(SCMP_ACT_ALLOW, number_of("clone3"));
  } else {
    for (const uint64_t flag : {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
      denied_arguments.add(no, number_of("clone"), {low(0, flag, flag)});
    }
  }
  return {names.code(), denied_arguments.code()};
}

/// For personality alone, which names what is allowed.
Code personality_oracle() {
  Oracle oracle(SCMP_ACT_ERRNO(EPERM));
  for (const uint64_t value : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xffffffffU}) {
    oracle.add(SCMP_ACT_ALLOW, number_of("personality"), {low(0, 0xffffffff, value)});
  }
  return oracle.code();
}

std::vector<uint64_t> telling_arguments() {
  std::vector<uint64_t> values = {
      0,       1,          2,          3,          8,          9,          16,
      37,      38,         39,         40,         41,         0x5411,     0x5412,
      0x5413,  0x541b,     0x541c,     0x541d,     0x20000,    0x20008,    0x20009,
      0x40000, 0xffffffff, 0xfffffffe, 0x7e020000, 0x7e020011, 0x81fdffff, 0x3d0f00};
  for (int bit = 0; bit < 32; ++bit) values.push_back(uint64_t{1} << bit);
  const std::vector<uint64_t> low_halves = values;
  for (const uint64_t high : {uint64_t{1} << 32, uint64_t{1} << 63, uint64_t{0xffffffff} << 32}) {
    for (const uint64_t value : low_halves) values.push_back(value | high);
  }
  return values;
}

}  // namespace

TEST_CASE("every number and argument gets the answer that libseccomp gives to the same rules") {
  const auto filter = GENERATE(from_range(all_filters));
  const auto oracle = oracle_for(filter);
  const auto personality = personality_oracle();
  const auto arguments = telling_arguments();
  size_t compared = 0, differ = 0;
  for (uint32_t number = 0; number <= 600; ++number) {
    for (const uint64_t value : arguments) {
      const auto call = make_call(number, {value, value});
      uint32_t expected = allowed;
      for (const Code& code : oracle) expected = stricter(expected, interpret(code, call));
      if (number == number_of("personality")) expected = interpret(personality, call);
      ++compared;
      if (interpret(seccomp_program(filter), call) == expected) continue;
      ++differ;
      UNSCOPED_INFO("number " << number << " argument " << std::hex << value);
    }
  }
  CHECK(compared == 601 * arguments.size());
  CHECK(differ == 0);
}

}  // namespace minirun::ns
