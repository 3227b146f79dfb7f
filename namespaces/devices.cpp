#include "namespaces/devices.h"

#include <linux/bpf.h>
#include <sys/syscall.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {
namespace {

long bpf(int command, bpf_attr& attributes);

/// Returns the program's descriptor; none where the kernel knows no such program.
UniqueFd load_program(const std::vector<DeviceRule>& rules);

}  // namespace

void AllowDevices::apply(Live& live) const {
  if (is_v1) {
    files::write_existing(cgroup + "/devices.deny", "a");
    for (const DeviceRule& rule : rules) {
      files::write_existing(cgroup + "/devices.allow", rule.text());
    }
    return;
  }
  const UniqueFd program = load_program(rules);
  if (!program) {
    // EINVAL: built without CONFIG_CGROUP_BPF. EPERM: a seccomp filter or user namespace around us.
    if (errno != EINVAL && errno != ENOSYS && errno != EPERM) {
      throw SysError(errno, "bpf BPF_PROG_LOAD, the device rules");
    }
    live.note = cat("this machine has no device cgroup (bpf: ", errno_words(errno),
                    "); that mounts are nodev has to be enough");
    return;
  }
  const UniqueFd group = files::open_at(AT_FDCWD, cgroup, O_RDONLY | O_DIRECTORY);
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(group.get());
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  // A program of a group above stays in force, and both have to say yes.
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, attributes) == 0) return;
  const int number = errno;
  throw SysError(number, cat("bpf BPF_PROG_ATTACH, the device rules to ", cgroup),
                 number == EPERM ? "a group above has a device program that allows none below it: "
                                   "see bpftool cgroup tree"
                                 : "");
}

std::string AllowDevices::shell() const {
  if (!is_v1) {
    std::string text = cat("# no shell equivalent: the rules are a BPF program, attached to\n# ",
                           cgroup, ", which allows only");
    for (const DeviceRule& rule : rules) text += cat("\n#   ", rule.text());
    return text;
  }
  std::string words;
  for (const DeviceRule& rule : rules) words += cat(" '", rule.text(), "'");
  return cat("echo a > ", shell_quote(cgroup + "/devices.deny"), "\nfor rule in", words,
             "; do\n  echo \"$rule\" > ", shell_quote(cgroup + "/devices.allow"), "\ndone");
}

std::vector<std::string> AllowDevices::calls() const {
  if (!is_v1) {
    return {call("bpf", "BPF_PROG_LOAD", "{...}", sizeof(bpf_attr)),
            call("bpf", "BPF_PROG_ATTACH", "{...}", sizeof(bpf_attr))};
  }
  std::vector<std::string> list = {call("write", unknown("devices.deny"), c_string("a"), 1)};
  for (const DeviceRule& rule : rules) {
    const std::string text = rule.text();
    list.push_back(call("write", unknown("devices.allow"), c_string(text), text.size()));
  }
  return list;
}

std::string AllowDevices::look() const {
  return is_v1 ? cat("cat ", shell_quote(cgroup + "/devices.list"))
               : cat("bpftool cgroup list ", shell_quote(cgroup));
}

namespace {

/// The bits of BPF_DEVCG_ACC_* for "rwm".
int access_bits(const std::string& access) {
  int bits = 0;
  for (const char letter : access) {
    bits |= letter == 'r'   ? BPF_DEVCG_ACC_READ
            : letter == 'w' ? BPF_DEVCG_ACC_WRITE
                            : BPF_DEVCG_ACC_MKNOD;
  }
  return bits;
}

// Instructions of eBPF: Documentation/bpf/instruction-set.rst. r0 is the answer, r1 the question (a
// struct bpf_cgroup_dev_ctx), and the others hold its parts.
constexpr uint8_t answer = BPF_REG_0, question = BPF_REG_1, type = BPF_REG_2, access = BPF_REG_3,
                  device_major = BPF_REG_4, device = BPF_REG_5, rest = BPF_REG_6;
constexpr int minor_bits = 20;  // of a device number: MKDEV(), linux/kdev_t.h
constexpr int all_access = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

bpf_insn instruction(int code, uint8_t to, uint8_t from, size_t offset, int value) {
  return {static_cast<uint8_t>(code), static_cast<uint8_t>(to & 0xf),
          static_cast<uint8_t>(from & 0xf), static_cast<int16_t>(offset), value};
}
bpf_insn load(uint8_t to, size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, question, offset, 0);
}
bpf_insn with_value(int operation, uint8_t to, int value) {
  return instruction(BPF_ALU64 | operation | BPF_K, to, 0, 0, value);
}
bpf_insn with_register(int operation, uint8_t to, uint8_t from) {
  return instruction(BPF_ALU64 | operation | BPF_X, to, from, 0, 0);
}
/// Jumps over `skipped` instructions where the register's low 32 bits are (BPF_JEQ), or are not
/// (BPF_JNE), `value`.
bpf_insn jump(int condition, uint8_t is, int value, size_t skipped) {
  return instruction(BPF_JMP32 | condition | BPF_K, is, 0, skipped, value);
}
bpf_insn leave() { return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }

/// The tests of a rule but that of its type, as few as there can be: the kernel proves every path
/// of the program harmless before it takes it, and that is what a start pays for. The last jumps
/// over `to_yes` instructions where the answer is yes; the others go on behind it.
std::vector<bpf_insn> tests_of(const DeviceRule& rule, size_t to_yes) {
  std::vector<bpf_insn> tests;
  const int access_given = access_bits(rule.access);
  if (access_given != all_access) {
    tests.push_back(with_register(BPF_MOV, rest, access));
    tests.push_back(with_value(BPF_AND, rest, ~access_given));
    tests.push_back(jump(BPF_JEQ, rest, 0, to_yes));
  }
  if (rule.major == -1) return tests;
  // Both must be true, so the first becomes "go on behind the second if not".
  if (!tests.empty()) tests.back() = jump(BPF_JNE, rest, 0, 1);
  tests.push_back(rule.minor == -1
                      ? jump(BPF_JEQ, device_major, rule.major, to_yes)
                      : jump(BPF_JEQ, device, rule.major << minor_bits | rule.minor, to_yes));
  return tests;
}

/// From the last instruction to the first, since a jump has to know how far it is.
std::vector<bpf_insn> compile(const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> reversed = {leave(), with_value(BPF_MOV, answer, 1),  // yes
                                    leave(), with_value(BPF_MOV, answer, 0)};
  const size_t yes = 2;  // the answer yes begins there, counted from the end
  for (const char kind : {'b', 'c'}) {
    const size_t behind = reversed.size();
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
      if (rule->type != kind) continue;
      const auto tests = tests_of(*rule, reversed.size() - yes);
      reversed.insert(reversed.end(), tests.rbegin(), tests.rend());
    }
    const int is = kind == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
    reversed.push_back(jump(BPF_JNE, type, is, reversed.size() - behind));
  }
  const std::array parts = {
      load(type, offsetof(bpf_cgroup_dev_ctx, access_type)),
      with_register(BPF_MOV, access, type),
      with_value(BPF_AND, type, 0xffff),
      with_value(BPF_RSH, access, 16),
      load(device_major, offsetof(bpf_cgroup_dev_ctx, major)),
      load(rest, offsetof(bpf_cgroup_dev_ctx, minor)),
      with_register(BPF_MOV, device, device_major),
      with_value(BPF_LSH, device, minor_bits),
      with_register(BPF_OR, device, rest),
  };
  std::vector<bpf_insn> program(parts.begin(), parts.end());
  program.insert(program.end(), reversed.rbegin(), reversed.rend());
  return program;
}

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

UniqueFd load_program(const std::vector<DeviceRule>& rules) {
  const std::vector<bpf_insn> program = compile(rules);
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<uint64_t>(program.data());
  attributes.insn_cnt = static_cast<uint32_t>(program.size());
  attributes.license = reinterpret_cast<uint64_t>("MIT");
  return UniqueFd(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
}

}  // namespace

std::string DeviceRule::text() const {
  const auto number = [](int value) { return value == -1 ? "*" : std::to_string(value); };
  return cat(std::string(1, type), " ", number(major), ":", number(minor), " ", access);
}

std::vector<DeviceRule> default_device_rules() {
  return {{'c', -1, -1, "m"}, {'b', -1, -1, "m"}, {'c', 1, 3, "rwm"},   {'c', 1, 5, "rwm"},
          {'c', 1, 7, "rwm"}, {'c', 1, 8, "rwm"}, {'c', 1, 9, "rwm"},   {'c', 5, 0, "rwm"},
          {'c', 5, 1, "rwm"}, {'c', 5, 2, "rwm"}, {'c', 136, -1, "rwm"}};
}

}  // namespace minirun::ns
