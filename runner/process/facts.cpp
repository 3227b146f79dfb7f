#include "runner/process/facts.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

constexpr std::array<const char*, 10> kinds = {
    "cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children",
    "user",   "uts"};
constexpr size_t mountinfo_limit = 64 << 20;

std::string without_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

/// Reads what there is, and takes down why the rest is not.
class Reader {
 public:
  Reader(ProcDir& dir, ProcessFacts& facts) : dir_(dir), facts_(facts) {}

  void read() {
    read_identity();
    read_namespaces();
    read_files();
    read_ids();
    facts_.limits = ns::parse_limits(text("limits", "limits").value_or(""));
    if (const auto score = text("oom_score_adj", "oom_score_adj")) {
      facts_.oom_score_adj = std::atoi(score->c_str());
    }
    facts_.cgroups =
        read_cgroups(ns::parse_cgroups(text("cgroup", "cgroups").value_or("")),
                     mount::parse_mountinfo(own_.read("mountinfo", mountinfo_limit).value_or("")));
  }

 private:
  std::optional<std::string> text(const std::string& name, const std::string& field,
                                  size_t limit = 1 << 20) {
    auto found = dir_.read(name, limit);
    if (!found) blame(field);
    return found;
  }

  std::optional<std::string> link(const std::string& name) {
    auto found = dir_.read_link(name);
    if (!found) blame(name);
    return found;
  }

  void blame(const std::string& field) {
    const int number = dir_.error();
    std::string why(errno_words(number));
    if (number == EACCES || number == EPERM) {
      facts_.is_guarded = true;
    } else if (facts_.status.is_zombie()) {
      why = "a zombie has let go of it";
    } else if (facts_.is_kernel_thread) {
      why = "a thread of the kernel has none";
    }
    facts_.problems.emplace(field, why);
  }

  bool is_alive() const { return !facts_.status.is_zombie(); }

  void read_identity() {
    facts_.status = ns::parse_status(text("status", "status").value_or(""));
    facts_.is_kernel_thread = ns::is_kernel_thread(text("stat", "stat").value_or(""));
    facts_.comm = without_newline(text("comm", "comm").value_or(""));
    facts_.exe = link("exe");
    const std::string words = text("cmdline", "command").value_or("");
    for (const auto word : split(words, '\0')) facts_.command.emplace_back(word);
    facts_.command.pop_back();  // what follows the last NUL; all, where there is none
    if (facts_.command.empty() && !words.empty()) facts_.command.push_back(words);
    if (auto parent = ProcDir::open(facts_.status.parent); parent && facts_.status.parent != 0) {
      facts_.parent_comm = without_newline(parent->read("comm").value_or(""));
    }
  }

  void read_namespaces() {
    for (const char* kind : kinds) {
      const std::string name = cat("ns/", kind);
      const auto yours = own_.read_link(name);
      if (!yours && own_.error() == ENOENT) continue;  // a kernel without that kind
      NamespaceFact fact{kind, std::nullopt, std::nullopt};
      if (yours) fact.yours = ns::namespace_inode(*yours);
      if (const auto its = dir_.read_link(name)) {
        fact.inode = ns::namespace_inode(*its);
      } else if (fact.kind == "pid_for_children" && is_alive() && dir_.error() == ENOENT) {
        facts_.problems.emplace(cat("namespaces.", kind), "a new one, without a process yet");
      } else {
        blame(cat("namespaces.", kind));
      }
      facts_.namespaces.push_back(std::move(fact));
    }
  }

  void read_files() {
    facts_.root = link("root");
    facts_.cwd = link("cwd");
    const auto root = dir_.stat("root");
    if (!root && facts_.root) blame("same_root_as_yours");
    const auto own_root = own_.stat("root");
    if (root && own_root) {
      facts_.has_your_root = root->st_dev == own_root->st_dev && root->st_ino == own_root->st_ino;
    }
    facts_.mounts =
        mount::parse_mountinfo(text("mountinfo", "mounts", mountinfo_limit).value_or(""));
    facts_.label = dir_.read("attr/current");
    if (!facts_.label && dir_.error() == EINVAL) {
      facts_.problems.emplace("label", "no security module of this kernel gives labels");
    } else if (!facts_.label) {
      blame("label");
    } else {
      facts_.label->erase(std::min(facts_.label->find_last_not_of(std::string("\0\n", 2)) + 1,
                                   facts_.label->size()));
    }
  }

  void read_ids() {
    facts_.uid_map = ns::parse_id_map(text("uid_map", "uid_map").value_or(""));
    facts_.gid_map = ns::parse_id_map(text("gid_map", "gid_map").value_or(""));
  }

  ProcDir& dir_;
  ProcessFacts& facts_;
  ProcDir own_ = ProcDir::self();
};

}  // namespace

std::optional<bool> NamespaceFact::shared() const {
  if (!inode || !yours) return std::nullopt;
  return *inode == *yours;
}

const NamespaceFact* ProcessFacts::find_namespace(std::string_view kind) const {
  const auto found = std::find_if(namespaces.begin(), namespaces.end(),
                                  [kind](const auto& fact) { return fact.kind == kind; });
  return found == namespaces.end() ? nullptr : &*found;
}

std::optional<bool> ProcessFacts::shares(std::string_view kind) const {
  const NamespaceFact* fact = find_namespace(kind);
  return fact == nullptr ? std::nullopt : fact->shared();
}

std::optional<bool> ProcessFacts::is_in_container() const {
  const auto mounts_shared = shares("mnt");
  const auto pids_shared = shares("pid");
  if (!mounts_shared) return std::nullopt;
  if (*mounts_shared) return false;
  if (pids_shared == false || has_your_root == false) return true;
  if (!pids_shared || !has_your_root) return std::nullopt;
  return false;
}

ProcessFacts read_process(pid_t pid) {
  auto dir = ProcDir::open(pid);
  if (!dir) {
    if (errno != ENOENT) {
      throw SysError(errno, cat("open /proc/", pid),
                     "/proc is mounted with hidepid: only root sees others' processes");
    }
    throw Error(cat("there is no process ", pid),
                "ps -e lists them; in another pid namespace it has another number, and where /proc "
                "is mounted with hidepid only root sees those of others");
  }
  ProcessFacts facts;
  facts.pid = pid;
  Reader(*dir, facts).read();
  if (!dir->is_there() || facts.status.state.empty()) {
    throw Error(cat("process ", pid, " ended while it was being read"),
                "what is told of it would be half of a process; try one that lives longer");
  }
  return facts;
}

std::optional<ProcDir> ProcDir::open(pid_t pid) {
  const std::string path = cat("/proc/", pid);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  return ProcDir(std::move(fd));
}

ProcDir ProcDir::self() {
  return ProcDir(files::open_at(AT_FDCWD, "/proc/self", O_RDONLY | O_DIRECTORY));
}

std::optional<std::string> ProcDir::read(const std::string& name, size_t limit) {
  const UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  error_ = errno;
  if (!fd) return std::nullopt;
  std::string content;
  std::array<char, 16384> block{};
  while (content.size() < limit) {
    const ssize_t got = ::read(fd.get(), block.data(), block.size());
    error_ = errno;
    if (got == -1 && error_ == EINTR) continue;
    if (got == -1) return std::nullopt;
    if (got == 0) break;
    content.append(block.data(), std::min(static_cast<size_t>(got), limit - content.size()));
  }
  return content;
}

std::optional<std::string> ProcDir::read_link(const std::string& name) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlinkat(fd_.get(), name.c_str(), target.data(), target.size());
  error_ = errno;
  if (length == -1) return std::nullopt;
  return std::string(target.data(), static_cast<size_t>(length));
}

std::optional<struct stat> ProcDir::stat(const std::string& name) {
  struct stat status {};
  const int result = ::fstatat(fd_.get(), name.c_str(), &status, 0);
  error_ = errno;
  if (result == -1) return std::nullopt;
  return status;
}

bool ProcDir::is_there() { return read("stat").has_value() || error_ != ESRCH; }

}  // namespace minirun
