// Runs when minirun is built: compiles seccomp_rules.h to BPF and prints it as C++ arrays.
//
// libseccomp gives the numbers of the names. The program it would write compares call by call, in
// 366 instructions where ranges of numbers take 64, and the kernel checks and translates each of
// them at every start. So the numbers become ranges, and the ranges a tree (seccomp_tree.h):
//
//     arch ours? ── no ──> kill
//     nr >= 134? ─┬─ nr >= 57? ─┬─ ...          each comparison one instruction
//                 └─ nr == 298? ┴─ ...
//     leaves:     allow │ EPERM │ ENOSYS │ check one argument, then allow or EPERM
//
// Their order doesn't matter: since 5.11 the kernel runs the tree once for each number when it is
// installed, and asks no more where the answer is always "allow".
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "namespaces/seccomp_rules.h"
#include "namespaces/seccomp_tree.h"

namespace minirun::ns {

namespace {

namespace rules = seccomp_rules;
using rules::Rule;

/// Ends the build; make removes what was printed so far.
[[noreturn]] void fail(const std::string& words) {
  std::fprintf(stderr, "seccomp_compile: %s\n", words.c_str());
  std::_Exit(1);
}

enum class Level { standard, guarded, sys_admin };

Verdict verdict_of(Rule rule, Level level) {
  switch (rule) {
    case Rule::allow:
      return Verdict::allow;
    case Rule::deny:
      return Verdict::eperm;
    case Rule::guarded:
      return level == Level::standard ? Verdict::eperm : Verdict::allow;
    case Rule::admin:
      return level == Level::sys_admin ? Verdict::allow : Verdict::eperm;
    case Rule::check_clone:
      return level == Level::sys_admin ? Verdict::allow : Verdict::clone;
    case Rule::check_ioctl:
      return Verdict::ioctl;
    case Rule::check_personality:
      return Verdict::personality;
    case Rule::check_socket:
      return Verdict::socket;
  }
  fail("a rule without a verdict");
}

std::vector<Range> ranges_for(Level level) {
  std::map<int, Verdict> calls;
  const auto add = [&](const std::string& name, Verdict verdict) {
    // A negative number: libseccomp knows the name from another architecture.
    const int number = seccomp_syscall_resolve_name_arch(seccomp_arch_native(), name.c_str());
    if (number == __NR_SCMP_ERROR)
      std::fprintf(stderr, "unknown to this libseccomp, so ENOSYS: %s\n", name.c_str());
    if (number >= 0 && !calls.emplace(number, verdict).second) fail(name + " is listed twice");
  };
  for (const rules::Group& group : rules::groups) {
    for (size_t start = 0; start < group.names.size();) {
      const size_t end = std::min(group.names.find(' ', start), group.names.size());
      add(std::string(group.names.substr(start, end - start)), verdict_of(group.rule, level));
      start = end + 1;
    }
  }
  if (level == Level::sys_admin) add(std::string(rules::admin_only_clone), Verdict::allow);

  std::vector<Range> ranges = {{0, Verdict::enosys}};
  const auto from = [&](unsigned first, Verdict verdict) {
    if (ranges.back().first == first) ranges.pop_back();
    if (ranges.empty() || ranges.back().verdict != verdict) ranges.push_back({first, verdict});
  };
  for (const auto& [number, verdict] : calls) {
    from(static_cast<unsigned>(number), verdict);
    from(static_cast<unsigned>(number) + 1,
         calls.count(number + 1) != 0 ? calls[number + 1] : Verdict::enosys);
  }
  return ranges;
}

/// Where a jump goes: to what all calls of a verdict share, or to an instruction further down.
struct Target {
  static Target leaf(Verdict verdict) { return {true, verdict, 0}; }
  static Target line(size_t line) { return {false, Verdict::allow, line}; }
  bool is_leaf;
  Verdict verdict;
  size_t number;
};

class Program {
 public:
  explicit Program(std::vector<Range> ranges) : tree_(std::move(ranges)) {
    load(offsetof(struct seccomp_data, arch));
    compare(BPF_JEQ, native_token(), Target::line(2), Target::leaf(Verdict::kill));
    load(offsetof(struct seccomp_data, nr));
    branch(0, tree_.ranges().size());
    check_arguments();
    finish();
    point_jumps();
  }

  void print(const char* name) const {
    std::printf("constexpr struct sock_filter %s[] = {\n", name);
    for (const struct sock_filter& line : code_) {
      std::printf("    {0x%02x, %u, %u, 0x%x},\n", line.code, line.jt, line.jf, line.k);
    }
    std::printf("};\n");
  }

 private:
  struct Jump {
    size_t line;
    Target yes, no;
  };
  static unsigned native_token() {
    if (seccomp_arch_native() == SCMP_ARCH_X86_64) return AUDIT_ARCH_X86_64;
    if (seccomp_arch_native() == SCMP_ARCH_AARCH64) return AUDIT_ARCH_AARCH64;
    fail("no rules for this architecture yet");
  }

  void load(size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
  }

  /// The low half of an argument: both architectures are little-endian.
  void load_argument(size_t index) { load(offsetof(struct seccomp_data, args) + 8 * index); }

  void compare(unsigned how, unsigned with, Target yes, Target no) {
    jumps_.push_back({code_.size(), yes, no});
    code_.push_back(BPF_JUMP(static_cast<unsigned short>(BPF_JMP | how | BPF_K), with, 0, 0));
  }

  Target branch(size_t begin, size_t end) {
    if (end - begin == 1) return Target::leaf(tree_.ranges()[begin].verdict);
    const Choice choice = tree_.choose(begin, end);
    const size_t line = code_.size();
    const size_t jump = jumps_.size();
    compare(choice.exception ? BPF_JEQ : BPF_JGE, tree_.ranges()[choice.at].first, Target::line(0),
            Target::line(0));
    if (choice.exception) {
      jumps_[jump].yes = Target::leaf(tree_.ranges()[choice.at].verdict);
      const Target no = choice.at == begin + 1 ? branch(begin + 2, end) : branch(begin, end - 2);
      jumps_[jump].no = no;
    } else {
      const Target no = branch(begin, choice.at), yes = branch(choice.at, end);
      jumps_[jump].no = no;
      jumps_[jump].yes = yes;
    }
    return Target::line(line);
  }

  /// The place where all calls of a verdict arrive: true if any does.
  bool begin_leaf(Verdict verdict) {
    leaves_[verdict] = code_.size();
    return std::any_of(jumps_.begin(), jumps_.end(), [verdict](const Jump& jump) {
      return (jump.yes.is_leaf && jump.yes.verdict == verdict) ||
             (jump.no.is_leaf && jump.no.verdict == verdict);
    });
  }

  void check_arguments() {
    const Target allow = Target::leaf(Verdict::allow), eperm = Target::leaf(Verdict::eperm);
    const auto following = [this] { return Target::line(code_.size() + 1); };
    if (begin_leaf(Verdict::clone)) {
      load_argument(0);
      compare(BPF_JSET, rules::new_namespaces, eperm, allow);
    }
    if (begin_leaf(Verdict::ioctl)) {
      load_argument(1);
      compare(BPF_JEQ, rules::tiocsti, eperm, following());
      compare(BPF_JEQ, rules::tioclinux, eperm, allow);
    }
    if (begin_leaf(Verdict::personality)) {
      load_argument(0);
      compare(BPF_JEQ, rules::query_personality, allow, following());
      compare(BPF_JSET, ~rules::harmless_personality, eperm, allow);
    }
    if (begin_leaf(Verdict::socket)) {
      load_argument(0);
      compare(BPF_JEQ, rules::af_alg, eperm, following());
      compare(BPF_JEQ, rules::af_vsock, eperm, allow);
    }
  }

  void finish() {
    const auto answer = [this](Verdict verdict, unsigned action) {
      leaves_[verdict] = code_.size();
      code_.push_back(BPF_STMT(BPF_RET | BPF_K, action));
    };
    answer(Verdict::allow, SECCOMP_RET_ALLOW);
    answer(Verdict::eperm, SECCOMP_RET_ERRNO | EPERM);
    answer(Verdict::enosys, SECCOMP_RET_ERRNO | ENOSYS);
    answer(Verdict::kill, SECCOMP_RET_KILL_PROCESS);
  }

  void point_jumps() {
    for (const Jump& jump : jumps_) {
      const auto distance = [&](const Target& to) {
        const size_t line = to.is_leaf ? leaves_[to.verdict] : to.number;
        const size_t skipped = line - jump.line - 1;
        if (skipped > UINT8_MAX) fail("the filter has outgrown its jumps of 255 instructions");
        return static_cast<unsigned char>(skipped);
      };
      code_[jump.line].jt = distance(jump.yes);
      code_[jump.line].jf = distance(jump.no);
    }
  }

  Tree tree_;
  std::vector<struct sock_filter> code_;
  std::vector<Jump> jumps_;
  std::map<Verdict, size_t> leaves_;
};

}  // namespace

}  // namespace minirun::ns

int main() {
  using minirun::ns::Level;
  const auto compile = [](Level level, const char* name) {
    minirun::ns::Program(minirun::ns::ranges_for(level)).print(name);
  };
  compile(Level::standard, "standard_program");
  compile(Level::guarded, "guarded_program");
  compile(Level::sys_admin, "sys_admin_program");
}
