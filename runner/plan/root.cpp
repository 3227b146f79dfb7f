// The child's root: one tree of layers, and all that is mounted on it before it becomes "/".
#include <linux/mount.h>
#include <sched.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/plan/plan_writer.h"

namespace minirun {
namespace {

constexpr uint64_t nosuid = MOUNT_ATTR_NOSUID;
constexpr uint64_t nodev = MOUNT_ATTR_NODEV;
constexpr uint64_t noexec = MOUNT_ATTR_NOEXEC;
constexpr uint64_t read_only = MOUNT_ATTR_RDONLY;

}  // namespace

void write_private(PlanWriter& to) {
  const auto follows = [](const MountSpec& mount) { return mount.follows_host; };
  const auto& mounts = to.spec.mounts;
  to.child("private",
           mount::MakePrivate{.follows_host = std::any_of(mounts.begin(), mounts.end(), follows)},
           "a new mount namespace is a copy, and its mounts still tell the originals of "
           "every change; this cuts that, so that what we mount does not appear on the host",
           "mount_namespaces(7), \"Shared subtrees\"");
}

void write_namespaces(PlanWriter& to) {
  to.child("uts-namespace", ns::NewNamespace{CLONE_NEWUTS},
           "the host's name is one word in the kernel, and root may change it; a container "
           "changes a copy of its own",
           "uts_namespaces(7)");
  to.child("ipc-namespace", ns::NewNamespace{CLONE_NEWIPC},
           "System V shared memory and message queues have numbers for names, and a process "
           "can guess them; a container gets its own",
           "ipc_namespaces(7)");
  if (!to.spec.host_network) {
    to.child("network-namespace", ns::NewNamespace{CLONE_NEWNET},
             "without it the host's interfaces, addresses, ports and abstract sockets are the "
             "container's too",
             "network_namespaces(7)");
  }
  if (!to.spec.cgroups().empty()) {
    to.child("cgroup-namespace", ns::NewNamespace{CLONE_NEWCGROUP},
             "the cgroup that the process is in becomes / of what it sees; by now it is in "
             "its own",
             "cgroup_namespaces(7)");
  }
}

void write_overlay(PlanWriter& to) {
  to.child("overlay",
           mount::Overlay{.base = to.spec.store + "/overlay2",
                          .lower = to.spec.lower,
                          .upper = to.dir + "/diff",
                          .work = to.dir + "/work",
                          .merged = to.merged,
                          .is_volatile = !to.spec.keep},
           "the image's layers become one tree, and nothing is copied; a container starts "
           "as fast from a large image as from a small one",
           "overlayfs.rst, \"Multiple lower layers\"");
}

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
  to.child("sysfs",
           mount::Mount{.type = "sysfs",
                        .root = to.merged,
                        .target = "/sys",
                        .attributes = nosuid | nodev | noexec | read_only,
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

void write_dev(PlanWriter& to) {
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
  if (!to.taken("/dev/shm")) {
    to.child("shm",
             mount::Mount{.type = "tmpfs",
                          .root = to.merged,
                          .target = "/dev/shm",
                          .attributes = nosuid | nodev | noexec,
                          .options = {"mode=1777", "size=65536k"}},
             "shm_open(3) keeps its objects here, and without it databases and browsers don't "
             "start; 64 MB, as Docker",
             "shm_overview(7)");
  }
  if (!to.taken("/dev/mqueue")) {
    to.child("mqueue",
             mount::Mount{.type = "mqueue",
                          .root = to.merged,
                          .target = "/dev/mqueue",
                          .attributes = nosuid | nodev | noexec},
             "the message queues of its own ipc namespace can be listed and removed here with "
             "ls and rm",
             "mq_overview(7)");
  }
}

void write_generated_files(PlanWriter& to) {
  struct File {
    const char* id;
    const char* target;
    const char* name;
  };
  static constexpr std::array<File, 3> files = {
      {{"bind-hosts", "/etc/hosts", "/hosts"},
       {"bind-hostname", "/etc/hostname", "/hostname"},
       {"bind-resolv", "/etc/resolv.conf", "/resolv.conf"}}};
  for (const File& file : files) {
    if (to.taken(file.target)) continue;
    to.child(
        file.id,
        mount::Bind{.source = to.dir + file.name,
                    .root = to.merged,
                    .target = file.target,
                    .attributes = nosuid | nodev | noexec | (to.spec.read_only ? read_only : 0)},
        "it is mounted over the image's own and not written into the upper directory, so "
        "minirun diff shows only what the container changed",
        "mount(8), \"Bind mounts\"");
  }
}

namespace {

/// No device of the host can be opened through what is bound in, whoever made the node and when.
uint64_t bind_attributes(const MountSpec& mount) {
  return nodev | (mount.read_only ? read_only : 0);
}

void write_mount(PlanWriter& to, const MountSpec& mount, const std::string& number) {
  switch (mount.kind) {
    case MountSpec::Kind::bind:
      to.child("bind-" + number,
               mount::Bind{.source = mount.source,
                           .root = to.merged,
                           .target = mount.target,
                           .attributes = bind_attributes(mount),
                           .recursive = mount.recursive,
                           .follows_host = mount.follows_host},
               "a directory of the host shows up inside; it is no part of the upper directory, "
               "so what is written there stays",
               "mount(8), \"Bind mounts\"");
      return;
    case MountSpec::Kind::tmpfs:
      to.child("tmpfs-" + number,
               mount::Mount{.type = "tmpfs",
                            .root = to.merged,
                            .target = mount.target,
                            .attributes = mount.attributes,
                            .options = mount.options,
                            .like_target = true},
               "these files are in memory and go with the container; secrets written there "
               "never reach a disk",
               "tmpfs(5)");
      return;
    case MountSpec::Kind::volume:
      if (mount.fill) {
        to.child("fill-volume-" + number,
                 mount::FillVolume{.root = to.merged,
                                   .target = mount.target,
                                   .volumes_dir = to.volumes_dir(),
                                   .name = mount.source},
                 "an empty volume would hide what the image has at that place, so it is filled "
                 "from there, once",
                 "Docker docs, \"Populate a volume using a container\"");
      }
      to.child("volume-" + number,
               mount::Bind{.source = cat(to.volumes_dir(), "/", mount.source, "/_data"),
                           .root = to.merged,
                           .target = mount.target,
                           .attributes = bind_attributes(mount),
                           .own_source = true},
               "a volume is a directory of the store that is bound into the container; it "
               "outlives the container",
               "mount(8), \"Bind mounts\"");
      return;
  }
}

}  // namespace

void write_mounts(PlanWriter& to) {
  int number = 0;
  for (const MountSpec& mount : to.spec.mounts) write_mount(to, mount, std::to_string(++number));
  if (to.spec.working_dir != "/") {
    to.child("make-workdir", mount::MakeDirInRoot{to.merged, to.spec.working_dir},
             "a Dockerfile's WORKDIR need not exist in any layer; it is made now, before the "
             "user changes",
             "image-spec, config.md \"WorkingDir\"");
  }
}

void write_read_only(PlanWriter& to) {
  if (!to.spec.read_only) return;
  to.child("read-only-root", mount::ReadOnlyRoot{to.merged},
           "a program that cannot write its own files cannot be changed by whoever breaks "
           "into it; volumes stay writable, because each is a mount of its own",
           "mount_setattr(2)");
}

void write_masks(PlanWriter& to) {
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
