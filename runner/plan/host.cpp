// The host's steps: directories and files on its disk, the cgroup, the clone of the child, the end.
#include <sched.h>

#include <array>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/containers/state.h"
#include "runner/plan/plan_writer.h"

namespace minirun {

void write_directory(PlanWriter& to) {
  to.host("dir", MakeContainerDir{.path = to.dir, .keep = to.spec.keep},
          "all files of this container are in one directory, so one removal is enough; the "
          "lock tells a sweep that the runner is alive",
          "flock(2)");
  ContainerState state;
  state.id = to.spec.id;
  state.name = to.spec.name;
  state.image = to.spec.image;
  state.command = shell_words(to.spec.argv);
  for (const ns::Cgroup& each : to.spec.cgroups) state.cgroups.push_back(each.path);
  state.keep = to.spec.keep;
  for (const MountSpec& mount : to.spec.mounts) {
    if (mount.kind != MountSpec::Kind::volume) continue;
    (mount.anonymous ? state.anonymous_volumes : state.volumes).push_back(mount.source);
  }
  to.host("file-state", mount::WriteFile{to.dir + "/state", state.to_json(), 0600},
          "if this runner is killed, the next one reads here what else it has to remove",
          "the store's layout, image/store/store.h");
  to.host("file-image", mount::WriteFile{to.dir + "/image", to.spec.image_id.str() + "\n", 0600},
          "an image must not be removed while a container uses its layers; rmi looks here "
          "for the image's id",
          "the store's layout, image/store/store.h");
  if (!to.spec.name.empty()) {
    to.host("name",
            ClaimName{.names_dir = to.spec.store + "/names",
                      .name = to.spec.name,
                      .target = cat("../", to.spec.place()),
                      .keep = to.spec.keep},
            "two containers must not have one name, so the name is claimed by one atomic "
            "call",
            "symlink(2)");
  }
  to.host("file-lower",
          NameLayers{.store = to.spec.store, .layers = to.spec.lower, .path = to.dir + "/lower"},
          "nobody may remove the layers while they are used; rmi needs the store's lock for "
          "itself alone, and then looks into this file",
          "flock(2); Docker's overlay2 layout");
}

void write_overlay_dirs(PlanWriter& to) {
  to.host("dir-upper",
          mount::MakeDir{.path = to.dir + "/diff",
                         .mode = to.spec.root_mode,
                         .uid = to.spec.root_uid,
                         .gid = to.spec.root_gid},
          "what the container writes goes here and not into the image, which other "
          "containers share; its mode and owner are those of / inside",
          "overlayfs.rst, \"Upper and Lower\"");
  to.host("dir-work", mount::MakeDir{to.dir + "/work", 0700},
          "overlay prepares a file here and renames it into the upper directory, so both "
          "have to be on one file system",
          "overlayfs.rst, \"Upper and Lower\"");
  to.host("dir-merged", mount::MakeDir{to.merged, 0700},
          "layers and upper directory are seen here as one; only the container's mount "
          "namespace sees it, and for the host it stays empty",
          "overlayfs.rst, \"Upper and Lower\"");
  to.host("file-hosts", mount::WriteFile{to.dir + "/hosts", to.spec.hosts, 0644},
          "many programs connect to localhost by name, and the image may not say what that "
          "is",
          "hosts(5)");
  to.host("file-hostname", mount::WriteFile{to.dir + "/hostname", to.spec.hostname + "\n", 0644},
          "some programs read the name from the file and others ask the kernel; both have "
          "to say the same",
          "hostname(5)");
  to.host("file-resolv", mount::WriteFile{to.dir + "/resolv.conf", to.spec.resolv_conf, 0644},
          "the image's resolv.conf names the servers of the machine that built it; here "
          "they may not exist, so minirun writes its own",
          "resolv.conf(5)");
}

void write_volumes(PlanWriter& to) {
  int number = 0;
  for (const MountSpec& mount : to.spec.mounts) {
    ++number;
    if (mount.kind == MountSpec::Kind::volume) {
      to.host(cat("make-volume-", number),
              mount::MakeVolume{.volumes_dir = to.volumes_dir(),
                                .name = mount.source,
                                .anonymous = mount.anonymous,
                                .keep = to.spec.keep},
              "a volume is outside the container's directory, so it stays when that is removed",
              "Docker's volumes/NAME/_data");
    } else if (mount.kind == MountSpec::Kind::bind && mount.make_source) {
      to.host(cat("make-source-", number), mount::MakeSource{mount.source},
              "-v makes a directory of a source that is missing, as Docker does", "mkdir(2)");
    }
  }
}

void write_streams(PlanWriter& to) {
  if (to.spec.terminal) {
    to.host("terminal-socket", ns::MakeTerminalSocket{},
            "only the child can open a terminal of the container, and minirun needs its other "
            "end; a descriptor goes from process to process over a socket",
            "unix(7), \"SCM_RIGHTS\"");
    return;
  }
  to.host("pipes",
          ns::MakePipes{.uid = to.spec.user.uid,
                        .gid = to.spec.user.gid,
                        .interactive = to.spec.interactive,
                        .dir = to.dir},
          "with your own descriptors the program could read what you type for the shell, or "
          "overwrite your log from its beginning; a pipe only carries bytes",
          "pipe(7)");
}

namespace {

void write_resource_limits(PlanWriter& to) {
  struct Limit {
    const char *controller, *id, *why, *see;
  };
  static constexpr std::array<Limit, 4> limits = {{
      {"memory", "memory-limit",
       "a limit of setrlimit(2) is for one process; a cgroup's is for all of them together",
       "cgroup-v2.rst, \"Memory Interface Files\""},
      {"cpu", "cpu-limit", "a busy program then waits, and others on the machine get their time",
       "cgroup-v2.rst, \"CPU Interface Files\""},
      {"cpuset", "cpuset",
       "an affinity can be changed by the program itself; the processors of its cgroup can't",
       "cpuset(7)"},
      {"pids", "pids-limit",
       "RLIMIT_NPROC counts a user's processes on the whole machine; this counts the container's",
       "cgroup-v2.rst, \"PID Interface Files\""},
  }};
  for (const Limit& limit : limits) {
    const ns::Cgroup* group = to.spec.cgroup_with(limit.controller);
    if (group == nullptr) continue;
    auto settings =
        ns::settings_for(to.spec.resources, limit.controller, group->is_v1, to.spec.cpuset_mems);
    if (settings.empty()) continue;
    to.host(limit.id,
            ns::LimitResources{.controller = limit.controller,
                               .cgroup = group->path,
                               .is_v1 = group->is_v1,
                               .settings = std::move(settings)},
            limit.why, limit.see);
  }
}

/// Given devices are allowed besides Docker's.
std::vector<ns::DeviceRule> device_rules(const ContainerSpec& spec) {
  auto rules = ns::default_device_rules();
  for (const mount::GivenDevice& device : spec.devices) {
    rules.push_back({device.type, static_cast<int>(device.major), static_cast<int>(device.minor),
                     device.access});
  }
  return rules;
}

}  // namespace

void write_cgroup_and_clone(PlanWriter& to) {
  std::vector<std::string> paths, v1_paths;
  for (const ns::Cgroup& each : to.spec.cgroups) {
    paths.push_back(each.path);
    if (each.is_v1) v1_paths.push_back(each.path);
  }
  if (!paths.empty()) {
    to.host("cgroup", ns::MakeCgroup{paths},
            "a process can leave its parent, its session and its group, but not its cgroup: "
            "here all of them can be found",
            "cgroups(7), \"Cgroups version 2\"");
    write_resource_limits(to);
    const ns::Cgroup* v1_devices = to.spec.cgroup_with("devices");
    const std::string group = v1_devices == nullptr ? to.spec.cgroup2() : v1_devices->path;
    if (!group.empty() && !to.spec.privileged) {
      to.host("devices",
              ns::AllowDevices{
                  .cgroup = group, .is_v1 = v1_devices != nullptr, .rules = device_rules(to.spec)},
              "a device file is a number, and behind some numbers are the machine's disks and "
              "memory; all but a few harmless ones are denied, however the file got in",
              "cgroup-v2.rst, \"Device controller\"");
    }
  }
  to.host("clone",
          ns::CloneChild{.flags = CLONE_NEWNS | (to.spec.host_pid ? 0UL : CLONE_NEWPID),
                         .cgroup = to.spec.cgroup2(),
                         .v1_cgroups = v1_paths,
                         .terminal = to.spec.terminal},
          "a process can't move itself into a new pid namespace, so a new process starts "
          "there; it gets its own mounts at once, because the host's must not change",
          "namespaces(7), clone(2)");
}

void write_end(PlanWriter& to) {
  if (to.spec.terminal) {
    to.host("take-terminal", ns::TakeTerminal{},
            "what the program writes to its terminal comes out at the master, and what is written "
            "there the program reads as typed",
            "pty(7)");
  }
  if (to.spec.flush) {
    to.host("flush-layers", FlushLayers{to.spec.store, to.spec.chain},
            "the layers were written a moment ago and are in memory only; they are flushed "
            "while the program runs, so that the start does not wait for the disk",
            "syncfs(2)");
  }
  to.host("wait",
          ns::WaitChild{.interactive = to.spec.interactive,
                        .terminal = to.spec.terminal,
                        .sig_proxy = to.spec.sig_proxy,
                        .stop_signal = to.spec.stop_signal,
                        .stop_timeout = to.spec.stop_timeout},
          "minirun carries what the program reads and writes, and passes signals on; when pid "
          "1 ends, the kernel kills the rest of its pid namespace",
          "pid_namespaces(7), \"The namespace init process\"");
  if (to.spec.cgroups.empty()) return;
  to.host("usage", ns::ReadUsage{to.spec.cgroups},
          "the cgroup has counted what all its processes used, and it goes in a moment; it also "
          "tells whether the kernel killed one for want of memory",
          "cgroup-v2.rst, \"Memory Interface Files\"");
}

}  // namespace minirun
