#include "namespaces/network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "runner/base/call_text.h"
#include "runner/base/error.h"
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

// ip(8) is no part of util-linux. A sysfs shows the interfaces of whoever mounted it; this one lies
// over the host's, in the child's mount namespace alone, and can be written. 0x1 is IFF_UP.
std::string LoopbackUp::shell() const {
  return "mount -t sysfs sysfs /sys  # shows the interfaces of this network namespace\necho 0x1 > "
         "/sys/class/net/lo/flags\numount /sys";
}

std::vector<std::string> LoopbackUp::calls() const {
  return {call("socket", "AF_UNIX", "SOCK_DGRAM|SOCK_CLOEXEC", 0),
          call("ioctl", unknown("socket"), "SIOCSIFFLAGS", "{ifr_name=\"lo\", ifr_flags=IFF_UP}")};
}

std::string LoopbackUp::look() const { return "nsenter -t $PID -n ip address show lo"; }

}  // namespace minirun::ns
