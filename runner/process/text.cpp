// The page's beginning: one sentence that says it all, the process, its namespaces.
#include "runner/base/text.h"

#include <array>

#include "runner/base/error.h"
#include "runner/process/json.h"
#include "runner/process/parts.h"

namespace minirun {
namespace explain {

std::string row(std::string_view name, std::string_view text, size_t column) {
  std::string start = cat("  ", name);
  start.resize(std::max(start.size() + 2, column), ' ');
  return page::wrapped(start, text);
}

std::string unread(const ProcessFacts& facts, const std::string& field) {
  const auto problem = facts.problems.find(field);
  return problem == facts.problems.end() ? "none" : problem->second;
}

std::string called(pid_t pid, const std::string& comm) {
  return comm.empty() ? std::to_string(pid) : cat(pid, " (", printable(comm), ")");
}

namespace {

constexpr size_t longest_command = 500;

bool is_for_children(const NamespaceFact& fact) { return fact.kind.ends_with("_for_children"); }

std::string what_it_is(const ProcessFacts& facts) {
  const ns::ProcessStatus& status = facts.status;
  const std::string name = called(facts.pid, facts.comm);
  if (status.is_zombie()) {
    return cat(name, " is a zombie: it has ended, and its parent, ",
               called(status.parent, facts.parent_comm),
               ", has not yet asked how (wait(2)). What is left of it is a number and an exit "
               "status; its memory, its files and most of its namespaces are gone.");
  }
  if (facts.is_kernel_thread) {
    return cat(name, " is a thread of the kernel: it runs no program, and is in no container.");
  }
  const std::string thread =
      status.tgid == facts.pid ? "" : cat(", a thread of process ", status.tgid, ",");
  const auto contained = facts.is_in_container();
  if (!contained) return cat(name, thread, " is a process: in a container or not can't be told.");
  return cat(name, thread,
             *contained ? " is in a container." : " is in no container, or in the one you are in.");
}

/// "Of 8 namespaces it shares time and user with you and has its own cgroup, ipc, …"
std::string who_shares(const ProcessFacts& facts) {
  std::vector<std::string> shared;
  std::vector<std::string> own;
  std::vector<std::string> unknown;
  for (const NamespaceFact& fact : facts.namespaces) {
    if (is_for_children(fact)) continue;
    const auto is_shared = fact.shared();
    (!is_shared ? unknown : *is_shared ? shared : own).push_back(fact.kind);
  }
  const size_t count = shared.size() + own.size() + unknown.size();
  if (shared.size() == count) return cat("It shares all ", count, " namespaces with you.");
  if (unknown.size() == count) {
    return cat("Which of its ", count, " namespaces it shares with you can't be told.");
  }
  std::string text = cat("Of ", count, " namespaces it shares ",
                         shared.empty() ? "none" : page::enumerated(shared), " with you");
  if (!own.empty()) text += " and has its own " + page::enumerated(own);
  if (!unknown.empty()) text += cat("; of ", page::enumerated(unknown), " it can't be told");
  return text + ".";
}

/// Said once, for all the places where the page has to leave something out.
std::string guarded_part(const ProcessFacts& facts) {
  if (!facts.is_guarded) return "";
  return page::wrapped(
             "",
             "Where it says \"Permission denied\", looking takes what tracing the process would "
             "take: "
             "to be the same user, or root, and to have every capability that it has (ptrace(2), "
             "\"Ptrace access mode checking\").") +
         "\n";
}

std::string program(const ProcessFacts& facts) {
  if (!facts.exe) return unread(facts, "exe");
  return facts.shares("mnt") == false ? cat(printable(*facts.exe), ", as it is called in its root")
                                      : printable(*facts.exe);
}

std::string command(const ProcessFacts& facts) {
  if (facts.command.empty()) return unread(facts, "command");
  const std::string words = shell_words(facts.command);
  return words.size() <= longest_command
             ? printable(words)
             : cat(printable(words.substr(0, longest_command)), " … (", words.size(), " bytes)");
}

std::string numbers(const ProcessFacts& facts) {
  const auto& pids = facts.status.pids;
  if (pids.size() < 2) return cat(facts.pid, ", for you and for itself");
  std::string text = cat(pids.front(), " for you");
  for (size_t i = 1; i < pids.size(); ++i) {
    text += i + 1 == pids.size() ? cat("; ", pids[i], " for itself, in its own pid namespace")
                                 : cat("; ", pids[i], " in the namespace below");
  }
  return text;
}

std::string process_part(const ProcessFacts& facts) {
  const ns::ProcessStatus& status = facts.status;
  const std::string parent =
      status.parent == 0 ? "none that you can see" : called(status.parent, facts.parent_comm);
  return cat("PROCESS\n", row("program", program(facts)), row("command", command(facts)),
             row("state", cat(status.state, ", ", page::counted(status.threads, "thread"))),
             row("parent", parent), row("number", numbers(facts)));
}

struct Meaning {
  const char* kind;
  const char* of;
};
constexpr std::array<Meaning, 10> meanings = {{
    {"cgroup", "where the paths of cgroups begin"},
    {"ipc", "message queues, semaphores, shared memory"},
    {"mnt", "what is mounted where"},
    {"net", "interfaces, addresses, ports, abstract sockets"},
    {"pid", "which processes have a number, and which"},
    {"pid_for_children", "pid, of its next child"},
    {"time", "offsets of the clocks that count from the boot"},
    {"time_for_children", "time, of its next child"},
    {"user", "what ids mean, and over what capabilities hold"},
    {"uts", "the host's name"},
}};

std::string meaning_of(const std::string& kind) {
  for (const Meaning& meaning : meanings) {
    if (kind == meaning.kind) return meaning.of;
  }
  return {};
}

/// What its children get is news only where it is not its own.
bool says_nothing_new(const ProcessFacts& facts, const NamespaceFact& fact) {
  if (!is_for_children(fact)) return false;
  if (facts.status.is_zombie()) return true;
  const NamespaceFact* own = facts.find_namespace(fact.kind.substr(0, fact.kind.find('_')));
  return own != nullptr && own->inode == fact.inode;
}

std::string cell(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

std::string namespaces_part(const ProcessFacts& facts) {
  std::string part =
      cat("NAMESPACES\n",
          page::wrapped("  ", cat("What it sees of the system. Equal numbers are the same "
                                  "namespace; its own means not yours: others may be in it too. "
                                  "namespaces(7); ls -l /proc/",
                                  facts.pid, "/ns")),
          "  ", cell("kind", 8), cell("", 6), cell("its", 10), "yours\n");
  std::map<std::string, std::vector<std::string>> unknown;  // by the reason
  for (const NamespaceFact& fact : facts.namespaces) {
    if (says_nothing_new(facts, fact)) continue;
    const auto shared = fact.shared();
    const std::string start = cat("  ", cell(fact.kind, 8),
                                  cell(!shared   ? "?"
                                       : *shared ? "shared"
                                                 : "own",
                                       6),
                                  cell(fact.inode ? std::to_string(*fact.inode) : "?", 10),
                                  cell(fact.yours ? std::to_string(*fact.yours) : "?", 10));
    part += page::wrapped(start, meaning_of(fact.kind));
    if (!fact.inode) unknown[unread(facts, "namespaces." + fact.kind)].push_back(fact.kind);
  }
  for (const auto& [why, of] : unknown) {
    part += page::wrapped("  ", cat("of ", page::enumerated(of), ": ", why));
  }
  return part;
}

}  // namespace
}  // namespace explain

std::string explain_text(const ProcessFacts& facts) {
  using namespace explain;
  std::string headline = what_it_is(facts);
  if (!facts.status.is_zombie()) headline += " " + who_shares(facts);
  return cat(page::wrapped("", headline), "\n", guarded_part(facts), process_part(facts), "\n",
             namespaces_part(facts), "\n", mounts_part(facts), "\n", ids_part(facts), "\n",
             powers_part(facts), "\n", cgroups_part(facts), "\n", limits_part(facts));
}

}  // namespace minirun
