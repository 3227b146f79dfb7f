#include "namespaces/network.h"

#include <linux/magic.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstring>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/syscall_text.h"
#include "runner/base/text.h"
#include "runner/base/unique_fd.h"

namespace minirun::ns {

void LoopbackUp::apply(Live&) const {
  // Any socket will do: an interface ioctl asks it only for the network namespace it was made in.
  // AF_UNIX is the one family that is in every kernel.
  const UniqueFd any(
      check(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket to bring up lo"));
  struct ifreq lo {};
  std::strncpy(lo.ifr_name, "lo", sizeof lo.ifr_name - 1);
  // The flags of a fresh lo are known (IFF_LOOPBACK, which can't be cleared), so they need not be
  // read first. The kernel adds IFF_RUNNING, 127.0.0.1 and ::1 by itself.
  lo.ifr_flags = IFF_UP;
  check(::ioctl(any.get(), SIOCSIFFLAGS, &lo), "ioctl SIOCSIFFLAGS lo IFF_UP");
}

// ip(8) is no part of util-linux. A sysfs shows the interfaces of the network namespace that
// mounted it. This one covers the host's, only in the child's mount namespace, and is writable. 0x1
// is IFF_UP.
std::string LoopbackUp::shell() const {
  return "mount -t sysfs sysfs /sys  # shows the interfaces of this network namespace\necho 0x1 > "
         "/sys/class/net/lo/flags\numount /sys";
}

std::vector<std::string> LoopbackUp::calls() const {
  return {call("socket", "AF_UNIX", "SOCK_DGRAM|SOCK_CLOEXEC", 0),
          call("ioctl", unknown("socket"), "SIOCSIFFLAGS", "{ifr_name=\"lo\", ifr_flags=IFF_UP}")};
}

std::string LoopbackUp::look() const { return "nsenter -t $PID -n ip address show lo"; }

namespace {

/// "/proc/sys/net/ipv4/ping_group_range"
std::string path_of(const SetSysctls::Setting& setting) {
  std::string path = "/proc/sys/" + setting.name;
  std::replace(path.begin(), path.end(), '.', '/');
  return path;
}

}  // namespace

void SetSysctls::apply(Live& live) const {
  for (const Setting& setting : settings) {
    const std::string path = path_of(setting);
    const UniqueFd file(
        files::try_open_in_root(live.root.get(), path, O_WRONLY | O_NONBLOCK, RESOLVE_NO_SYMLINKS));
    if (!file && errno == ENOENT) continue;
    check(file ? 0 : -1, "open ", path, " in the root");
    struct statfs fs {};
    check(::fstatfs(file.get(), &fs), "statfs ", path);
    if (fs.f_type != PROC_SUPER_MAGIC) throw Error(cat(path, " does not lie on procfs"));
    files::write_all(file.get(), setting.value, path);
  }
}

std::string SetSysctls::shell() const {
  std::string text;
  for (const Setting& setting : settings) {
    const std::string path = shell_quote(root + path_of(setting));
    text += cat(text.empty() ? "" : "\n", "[ ! -e ", path, " ] || echo ",
                shell_quote(setting.value), " > ", path);
  }
  return text;
}

std::vector<std::string> SetSysctls::calls() const {
  std::vector<std::string> list;
  for (const Setting& setting : settings) {
    append(list, only_if("there", {call("write", unknown(path_of(setting)), c_string(setting.value),
                                        setting.value.size())}));
  }
  return list;
}

// nsenter(1) reads the file in the container's network, which is not the reader's own.
std::string SetSysctls::look() const {
  std::string command = "nsenter -t $PID -n cat";
  for (const Setting& setting : settings) command += " " + path_of(setting);
  return command;
}

}  // namespace minirun::ns
