// The kernel's file systems inside: new /proc, /sys and /dev. What shows or controls the whole
// machine in them is covered.
#include "runner/base/error.h"
#include "runner/plan/plan_writer.h"

namespace minirun {

void write_kernel_file_systems(PlanWriter& to) {
  to.child("proc",
           mount::Mount{.type = "proc",
                        .root = to.merged,
                        .target = "/proc",
                        .attributes = nosuid | nodev | noexec,
                        .no_symlink = true},
           "ps(1) reads /proc, and the host's /proc shows the host's processes; this one is "
           "made inside the container's own pid namespace",
           "proc(5), pid_namespaces(7) \"/proc and PID namespaces\"");
  to.child(
      "sysfs",
      mount::Mount{.type = "sysfs",
                   .root = to.merged,
                   .target = "/sys",
                   .attributes = nosuid | nodev | noexec | (to.spec.privileged ? 0 : read_only),
                   .no_symlink = true},
      "programs look up devices and limits in /sys; it is read only, because a write "
      "there steers the machine",
      "sysfs(5)");
  if (!to.spec.host_network) {
    to.child("lo-up", ns::LoopbackUp{},
             "a new network namespace has a loopback that is down; a program that talks to "
             "itself over 127.0.0.1 needs it up",
             "network_namespaces(7)");
    to.child("sysctls",
             ns::SetSysctls{to.merged,
                            {{"net.ipv4.ping_group_range", "0 2147483647"},
                             {"net.ipv4.ip_unprivileged_port_start", "0"}}},
             "in a network of its own nobody else is harmed by a ping or by port 80; every "
             "user may have them, without a capability",
             "ip(7), icmp(7)");
  }
}

namespace {

void write_dev_files(PlanWriter& to) {
  to.child("dev",
           mount::Mount{.type = "tmpfs",
                        .root = to.merged,
                        .target = "/dev",
                        .attributes = nosuid | noexec,
                        .options = {"mode=755", "size=65536k"},
                        .no_symlink = true},
           "the image may bring device files of its own, and the host's /dev has the disks; "
           "an empty directory covers both",
           "tmpfs(5)");
  to.child("dev-nodes",
           mount::MakeNodes{to.merged,
                            {{"/dev/null", 1, 3},
                             {"/dev/zero", 1, 5},
                             {"/dev/full", 1, 7},
                             {"/dev/random", 1, 8},
                             {"/dev/urandom", 1, 9},
                             {"/dev/tty", 5, 0}}},
           "hardly a program runs without /dev/null; these six are safe to give, because "
           "they reach nothing of the machine",
           "runtime-spec, config-linux.md \"Default Devices\"");
  to.child("dev-links",
           mount::MakeLinks{to.merged,
                            {{"/dev/fd", "/proc/self/fd"},
                             {"/dev/stdin", "/proc/self/fd/0"},
                             {"/dev/stdout", "/proc/self/fd/1"},
                             {"/dev/stderr", "/proc/self/fd/2"},
                             {"/dev/ptmx", "pts/ptmx"}}},
           "shells and scripts write to /dev/stderr by name, and a pty is opened through "
           "/dev/ptmx",
           "runtime-spec, config-linux.md \"Default Devices\"");
  to.child("devpts",
           mount::Mount{.type = "devpts",
                        .root = to.merged,
                        .target = "/dev/pts",
                        .attributes = nosuid | noexec,
                        .options = {"newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
           "the container has terminals of its own; a program inside can't open the host's "
           "and type into them",
           "devpts.txt, pts(4)");
}

void write_given_devices(PlanWriter& to) {
  if (!to.spec.devices.empty()) {
    to.child("given-devices", mount::MakeDevices{to.merged, to.spec.devices},
             "a device that you gave with --device gets a file in the container's own /dev, with "
             "the mode and owner that it has on the host",
             "mknod(2)");
  }
  if (to.spec.terminal) {
    to.child("terminal", mount::MakeTerminal{to.merged, to.spec.user.uid},
             "a shell needs a terminal for line editing and Ctrl-C; this one is the container's, "
             "so nothing that is done to it is done to yours",
             "pts(4), ioctl_tty(2) \"TIOCGPTPEER\"");
    to.child("console", mount::BindConsole{to.merged},
             "programs that start a system write to /dev/console; here it is the terminal",
             "console(4)");
  }
}

void write_shared_memory(PlanWriter& to) {
  if (!to.taken("/dev/shm") && to.spec.host_ipc) {
    to.child("host-shm",
             mount::Bind{.source = "/dev/shm",
                         .root = to.merged,
                         .target = "/dev/shm",
                         .attributes = nosuid | nodev | noexec},
             "with --ipc host the program shares the host's memory objects, which are files here",
             "shm_overview(7)");
  } else if (!to.taken("/dev/shm")) {
    to.child("shm",
             mount::Mount{.type = "tmpfs",
                          .root = to.merged,
                          .target = "/dev/shm",
                          .attributes = nosuid | nodev | noexec,
                          .options = {"mode=1777", cat("size=", to.spec.shm_size >> 10, "k")}},
             "shm_open(3) keeps its objects here, and without it databases and browsers don't "
             "start; 64 MB unless --shm-size says another size, as Docker",
             "shm_overview(7)");
  }
  if (!to.taken("/dev/mqueue")) {
    to.child("mqueue",
             mount::Mount{.type = "mqueue",
                          .root = to.merged,
                          .target = "/dev/mqueue",
                          .attributes = nosuid | nodev | noexec},
             "the message queues of its ipc namespace can be listed and removed here with ls and "
             "rm",
             "mq_overview(7)");
  }
}

}  // namespace

void write_dev(PlanWriter& to) {
  write_dev_files(to);
  write_given_devices(to);
  write_shared_memory(to);
}

void write_masks(PlanWriter& to) {
  if (!to.spec.covers_paths) return;
  to.child("masks",
           mount::MaskPaths{
               to.merged,
               {"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
                "/proc/timer_stats", "/sys/firmware", "/sys/devices/virtual/powercap"}},
           "these parts of /proc and /sys tell of the whole machine and know no namespace "
           "(kcore is all of its memory), so they are covered",
           "runtime-spec, config-linux.md \"Masked Paths\"");
  to.child(
      "read-only-paths",
      mount::ReadOnlyPaths{
          to.merged, {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}},
      "root inside is uid 0 to the kernel too; without this it could set the host's "
      "sysctls or reboot the machine",
      "runtime-spec, config-linux.md \"Readonly Paths\"");
}

}  // namespace minirun
