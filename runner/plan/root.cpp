// The child's root: the tree of layers, and the mounts of the user and of minirun on it.
// (kernel.cpp has the kernel's file systems.) Later process.cpp makes this tree "/".
#include <sched.h>

#include <algorithm>
#include <array>

#include "runner/base/error.h"
#include "runner/plan/plan_writer.h"

namespace minirun {

void write_private(PlanWriter& to) {
  const auto follows = [](const MountSpec& mount) { return mount.follows_host; };
  const auto& mounts = to.spec.mounts;
  to.child("private",
           mount::MakePrivate{.follows_host = std::any_of(mounts.begin(), mounts.end(), follows)},
           "a new mount namespace is a copy, and a change in it still propagates to the "
           "original; this ends that, so what we mount does not appear on the host",
           "mount_namespaces(7), \"Shared subtrees\"");
}

void write_namespaces(PlanWriter& to) {
  if (!to.spec.host_uts) {
    to.child("uts-namespace", ns::NewNamespace{CLONE_NEWUTS},
             "the host's name is one word in the kernel, and root may change it; a container "
             "changes a copy of its own",
             "uts_namespaces(7)");
  }
  if (!to.spec.host_ipc) {
    to.child("ipc-namespace", ns::NewNamespace{CLONE_NEWIPC},
             "System V shared memory and message queues have numbers for names, and a process "
             "can guess them; a container gets its own",
             "ipc_namespaces(7)");
  }
  if (!to.spec.host_network) {
    to.child("network-namespace", ns::NewNamespace{CLONE_NEWNET},
             "without it the host's interfaces, addresses, ports and abstract sockets are the "
             "container's too",
             "network_namespaces(7)");
  }
  if (!to.spec.cgroups.empty() && !to.spec.host_cgroup) {
    to.child("cgroup-namespace", ns::NewNamespace{CLONE_NEWCGROUP},
             "the process sees its present cgroup as /; by now this is the container's own",
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

/// nodev on every bind mount: no device node in it can be opened, whoever made it.
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

}  // namespace minirun
