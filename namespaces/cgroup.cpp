// cgroup v2 is a file system: a group is a directory, and a write to a file kills its processes.
//
// At undo the processes of a group may be dying: the kernel needs a moment for each, and rmdir(2)
// fails with EBUSY until then. cgroup.events tells when a group is empty, so minirun waits for that
// with poll(2).
//
// Source: cgroup-v2.rst, "[Un]populated Notification", "Core Interface Files".
#include "namespaces/cgroup.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

using Clock = std::chrono::steady_clock;
// For a process in an uninterruptible sleep, on a slow disk.
constexpr std::chrono::seconds patience{5};

/// Waits until no living process is in the group or below it; gives up silently, since rmdir(2)
/// will say why.
void wait_until_empty(const std::string& path, Clock::time_point deadline);

void kill_all(const std::string& path);

/// rmdir(2), innermost first: a group that has groups inside can't go. Returns 0 or the errno of
/// the first that stayed.
int remove_empty(const std::string& path);

std::string hint_for_mkdir(int number);

}  // namespace

// LESSON: cgroup
void MakeCgroup::apply(Live&) const {
  for (const std::string& path : paths) {
    int made = ::mkdir(path.c_str(), 0755);
    if (made == -1 && errno == ENOENT) {
      files::make_dirs(parent_of(path), 0755);
      made = ::mkdir(path.c_str(), 0755);
    }
    if (made == 0) continue;
    const int number = errno;
    throw SysError(number, cat("mkdir ", path), hint_for_mkdir(number));
  }
}

std::string MakeCgroup::shell() const { return cat("mkdir -p ", shell_words(paths)); }

std::vector<std::string> MakeCgroup::calls() const {
  std::vector<std::string> list;
  for (const std::string& path : paths) list.push_back(call("mkdir", c_string(path), "0755"));
  return list;
}

std::string MakeCgroup::look() const { return cat("ls -d ", shell_words(paths)); }

void MakeCgroup::undo(Live&) const {
  for (const std::string& path : paths) remove_cgroup(path);
}

// Empty, and yet busy for a moment: the kernel is still letting go of those that died. In v1 there
// is no cgroup.kill; what is in such a group ends with the container's pid namespace.
std::string MakeCgroup::undo_shell() const {
  std::string text;
  for (const std::string& path : paths) {
    const std::string group = shell_quote(path);
    const std::string kill = shell_quote(path + "/cgroup.kill");
    text += cat(text.empty() ? "" : "\n", "if [ -d ", group, " ]; then\n  [ ! -e ", kill,
                " ] || echo 1 > ", kill,
                "\n  for pause in 0 0.1 0.2 0.5 1 2; do\n    sleep $pause\n    rmdir ", group,
                " 2> /dev/null && break\n  done\nfi");
  }
  return text;
}

void remove_cgroup(const std::string& path) {
  // Nearly always the container's end has emptied it.
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return;
  if (errno != EBUSY && errno != ENOTEMPTY) throw SysError(errno, cat("rmdir ", path));
  const auto deadline = Clock::now() + patience;
  for (;;) {
    kill_all(path);
    wait_until_empty(path, deadline);
    const int number = remove_empty(path);
    if (number == 0) return;
    if ((number != EBUSY && number != ENOTEMPTY) || Clock::now() >= deadline) {
      throw SysError(
          number, cat("rmdir ", path),
          cat("a process in it does not die: see ", path,
              "/cgroup.procs, and wait for the disk or device it waits for; then minirun gc"));
    }
    ::poll(nullptr, 0, 1);  // empty, yet busy: the kernel is still letting go of it
  }
}

namespace {

void wait_until_empty(const std::string& path, Clock::time_point deadline) {
  const auto events = files::open_if_exists(AT_FDCWD, path + "/cgroup.events", O_RDONLY);
  if (!events) return;
  for (;;) {
    std::array<char, 256> text{};
    const ssize_t length = ::pread(events->get(), text.data(), text.size(), 0);
    if (length <= 0) return;  // ENODEV: somebody else has removed the group meanwhile
    const std::string_view now(text.data(), static_cast<size_t>(length));
    if (now.find("populated 1") == std::string_view::npos) return;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return;
    struct pollfd change {};
    change.fd = events->get();
    change.events = POLLPRI;
    if (::poll(&change, 1, static_cast<int>(left.count())) == -1 && errno != EINTR) return;
  }
}

/// The groups directly inside one; none where it is gone.
std::vector<std::string> groups_in(const std::string& path) {
  std::vector<std::string> groups;
  const auto dir = files::open_if_exists(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  if (!dir) return groups;
  for (const std::string& name : files::list_dir(dir->get(), ".")) {
    const auto status = files::stat_at(dir->get(), name);
    if (status && S_ISDIR(status->st_mode)) groups.push_back(cat(path, "/", name));
  }
  return groups;
}

void kill_one_by_one(const std::string& path) {
  const auto procs = files::open_if_exists(AT_FDCWD, path + "/cgroup.procs", O_RDONLY);
  if (!procs) return;
  const std::string pids = files::read_all(procs->get(), path + "/cgroup.procs", 64 << 20);
  for (const std::string_view line : split(pids, '\n')) {
    const auto pid = parse_number(line, INT32_MAX);
    if (pid && *pid > 0) ::kill(static_cast<pid_t>(*pid), SIGKILL);
  }
  for (const std::string& inner : groups_in(path)) kill_one_by_one(inner);
}

void kill_all(const std::string& path) {
  if (const auto kill = files::open_if_exists(AT_FDCWD, path + "/cgroup.kill", O_WRONLY)) {
    if (::write(kill->get(), "1", 1) == 1 || errno == ENODEV) return;
    throw SysError(errno, cat("write 1 to ", path, "/cgroup.kill"));
  }
  // Before 5.14 there is no cgroup.kill. So the group is frozen first, and its processes can't fork
  // faster than we kill. SIGKILL ends a frozen process too.
  if (const auto freeze = files::open_if_exists(AT_FDCWD, path + "/cgroup.freeze", O_WRONLY)) {
    files::write_all(freeze->get(), "1", path + "/cgroup.freeze");
  }
  kill_one_by_one(path);
}

int remove_empty(const std::string& path) {
  int first = 0;
  for (const std::string& inner : groups_in(path)) {
    const int number = remove_empty(inner);
    if (first == 0) first = number;
  }
  if (first != 0) return first;
  return ::rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

std::string hint_for_mkdir(int number) {
  if (number == EROFS || number == EACCES || number == EPERM) {
    return "cgroupfs can't be written here, as inside most containers; run minirun on the host "
           "itself or in a VM";
  }
  if (number == EAGAIN)
    return "cgroup.max.descendants or cgroup.max.depth of a group above is reached";
  if (number == EEXIST)
    return "a container of this id exists already; minirun gc removes what a dead one left";
  return {};
}

}  // namespace

}  // namespace minirun::ns
