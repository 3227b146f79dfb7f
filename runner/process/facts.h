// All that the kernel tells of one process, read at one go: what `minirun explain --pid` is about.
//
// Any process: another runner's container, a thread of the kernel, a zombie. What can't be read is
// left empty, and `problems` says why; only a process that isn't there is an error.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/base/unique_fd.h"
#include "runner/process/mountinfo.h"
#include "runner/process/status.h"

namespace minirun {

struct NamespaceFact {
  std::string kind;                    ///< "mnt", "pid_for_children": a name in /proc/PID/ns
  std::optional<uint64_t> inode;       ///< which one it is in
  std::optional<uint64_t> yours;       ///< which one we are in
  std::optional<bool> shared() const;  ///< nullopt where either is not known
};

struct CgroupLimit {
  std::string file;   ///< "memory.max"
  std::string value;  ///< as the file has it
  std::string group;  ///< the directory it is in: the process's cgroup, or one above it
};

struct CgroupFact {
  ns::CgroupPath path;
  std::string directory;  ///< where it can be looked at; empty: see `problem`
  std::string problem;
  std::vector<CgroupLimit> limits;  ///< those that are set, each the tightest on the way up
};

struct ProcessFacts {
  pid_t pid = 0;
  std::string comm;
  std::optional<std::string> exe;
  std::vector<std::string> command;  ///< empty: it has none, or can't be read
  bool is_kernel_thread = false;
  ns::ProcessStatus status;
  std::string parent_comm;  ///< empty: none that can be seen

  std::vector<NamespaceFact> namespaces;
  std::optional<std::string> root, cwd;  ///< as it sees them itself, if its mounts aren't yours
  std::optional<bool> has_your_root;     ///< its root directory is the one that you have
  std::vector<mount::MountLine> mounts;
  std::vector<ns::IdRange> uid_map, gid_map;
  std::optional<std::string> label;  ///< of a security module
  std::vector<CgroupFact> cgroups;
  std::vector<ns::ProcessLimit> limits;
  std::optional<int> oom_score_adj;

  /// Why something is empty: by the names in the JSON ("exe", "mounts", "namespaces.mnt").
  std::map<std::string, std::string> problems;
  bool is_guarded = false;  ///< some of it may not be read by you

  const NamespaceFact* find_namespace(std::string_view kind) const;
  /// Whether it is in a namespace that you are in; nullopt where that can't be told.
  std::optional<bool> shares(std::string_view kind) const;
  /// Whether it has mounts of its own, and also another root directory or process numbers of its
  /// own. (The kernel knows no containers.) nullopt if that can't be told.
  std::optional<bool> is_in_container() const;
};

/// Throws Error: no process of that number, or it ended while it was read.
ProcessFacts read_process(pid_t pid);

/// The cgroups of a process with their limits. `mounts` are those of the reader, which decide what
/// it can see of them.
std::vector<CgroupFact> read_cgroups(const std::vector<ns::CgroupPath>& paths,
                                     const std::vector<mount::MountLine>& mounts);

class ProcDir {
 public:
  /// nullopt where there is no such process, or we may not look at it (proc(5), hidepid): errno
  /// says which.
  static std::optional<ProcDir> open(pid_t pid);
  static ProcDir self();

  /// The content of a file, at most `limit` bytes of it. nullopt where it can't be read: `error`
  /// has the errno.
  std::optional<std::string> read(const std::string& name, size_t limit = 1 << 20);
  std::optional<std::string> read_link(const std::string& name);
  /// Of what a link leads to.
  std::optional<struct stat> stat(const std::string& name);

  int error() const { return error_; }
  bool is_there();  ///< false once the process has ended and been waited for

 private:
  explicit ProcDir(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
  int error_ = 0;
};

}  // namespace minirun
