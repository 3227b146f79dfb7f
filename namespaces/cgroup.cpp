// cgroup v2 is a file system: a group is a directory, and a write to a file kills its processes.
//
// At undo the processes of a group may be dying: the kernel needs a moment for each, and rmdir(2)
// fails with EBUSY until then. cgroup.events tells when a group is empty, so minirun waits for that
// with poll(2).
//
// Source: cgroup-v2.rst, "[Un]populated Notification", "Core Interface Files".
#include "namespaces/cgroup.h"

#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"

namespace minirun::ns {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{
    5};  // for a process in an uninterruptible sleep, on a slow disk

bool is_cgroup2(const char* path) {
  struct statfs fs {};
  return ::statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/// Where the whole hierarchy is mounted (another root than "/" shows a part of it), of this file
/// system type and with this option, if one is asked for: proc(5), "/proc/[pid]/mountinfo".
std::optional<std::string> find_hierarchy(std::string_view type, std::string_view option) {
  const auto mountinfo = files::open_at(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  const std::string mounts = files::read_all(mountinfo.get(), "/proc/self/mountinfo", 64 << 20);
  for (const std::string_view line : split(mounts, '\n')) {
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 10 || fields.end() - dash < 4) continue;
    const auto options = split(dash[3], ',');
    const bool fits =
        option.empty() || std::find(options.begin(), options.end(), option) != options.end();
    if (dash[1] == type && fields[3] == "/" && fits) return std::string(fields[4]);
  }
  return {};
}

/// Waits until no living process is in the group or below it; gives up silently, since rmdir(2)
/// will say why.
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

/// rmdir(2), innermost first: a group that has groups inside can't go. Returns 0 or the errno of
/// the first that stayed.
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

std::optional<std::string> cgroup2_mount() {
  // The two usual places are asked first: mountinfo takes the kernel longer to write than all the
  // rest here.
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    if (is_cgroup2(path)) return path;
  }
  return find_hierarchy("cgroup2", {});
}

std::optional<std::string> cgroup1_mount(std::string_view controller) {
  return find_hierarchy("cgroup", controller);
}

namespace {

/// Adds the container's group in a hierarchy; two controllers of v1 may be mounted together.
void use(std::vector<Cgroup>& cgroups, const std::string& path, const std::string& controller) {
  const auto same = std::find_if(cgroups.begin(), cgroups.end(),
                                 [&path](const Cgroup& other) { return other.path == path; });
  if (same != cgroups.end()) {
    same->controllers.push_back(controller);
  } else {
    cgroups.push_back({path, true, {controller}});
  }
}

/// A manager that delegates a group leaves all below it to others, and marks it so (systemd does;
/// systemd.resource-control(5), Delegate=). Returns the nearest such group that we are in, as its
/// path in the hierarchy; "" if all of it is ours.
std::string delegated_group(const std::string& mount) {
  const std::string own = files::read_file(AT_FDCWD, "/proc/self/cgroup");
  for (const std::string_view line : split(own, '\n')) {
    if (!line.starts_with("0::/")) continue;
    for (std::string group(line.substr(3)); group != "/"; group = parent_of(group)) {
      for (const char* name : {"trusted.delegate", "user.delegate"}) {
        char value = 0;
        if (::getxattr((mount + group).c_str(), name, &value, 1) == 1 && value == '1') return group;
      }
    }
  }
  return {};
}

}  // namespace

bool lists_controller(const std::string& file, std::string_view controller) {
  const std::string text = files::read_file(AT_FDCWD, file);
  const auto words = split(std::string_view(text).substr(0, text.find('\n')), ' ');
  return std::find(words.begin(), words.end(), controller) != words.end();
}

std::vector<Cgroup> choose_cgroups(const std::string& name,
                                   const std::vector<std::string>& needed) {
  std::vector<Cgroup> cgroups;
  const auto v2 = cgroup2_mount();
  std::string of_v2;  // the file of its controllers
  if (v2) {
    const std::string parent = *v2 + delegated_group(*v2);
    cgroups.push_back({cat(parent, "/", name), false, {}});
    of_v2 = parent + "/cgroup.controllers";
  } else if (const auto v1 = cgroup1_mount("devices")) {
    use(cgroups, cat(*v1, "/", name), "devices");
  }
  for (const std::string& controller : needed) {
    if (v2 && lists_controller(of_v2, controller)) {
      cgroups.front().controllers.push_back(controller);
    } else if (const auto v1 = cgroup1_mount(controller)) {
      use(cgroups, cat(*v1, "/", name), controller);
    } else {
      throw Error(
          cat("no cgroup hierarchy here has the controller ", controller,
              ", which this limit needs"),
          "cat /sys/fs/cgroup/cgroup.controllers lists those of cgroup v2, and /proc/cgroups "
          "those of the kernel; leave the limit out, or use a machine that has it");
    }
  }
  return cgroups;
}

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

}  // namespace minirun::ns
