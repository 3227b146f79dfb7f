// A container is a list of steps. This file has the order of its parts. host.cpp, root.cpp,
// kernel.cpp and process.cpp write them, and run.cpp does them.
//
// Everything is mounted below the merged directory before pivot_root, because bind mounts need the
// host's paths. Powers are given up in an order in which each step still has the powers that it
// needs: groups before user, user before capabilities, seccomp last.
#include "runner/plan/plan.h"

#include <array>

#include "runner/plan/plan_writer.h"

namespace minirun {
namespace {

constexpr Phase directory = {"a directory on the host",
                             "all that this container leaves on disk lies in one place"};
constexpr Phase volumes = {"volumes", "files that outlive the container are at another place"};
constexpr Phase streams = {"standard streams",
                           "of its own, so that nothing inside holds your terminal or your files"};
constexpr Phase birth = {"a process of its own",
                         "born into a cgroup, with mounts and process numbers of its own"};
constexpr Phase namespaces = {"namespaces", "what the child changes now, it changes for itself"};
constexpr Phase layers = {"one tree of layers",
                          "nothing is copied; writes go to the upper directory"};
constexpr Phase kernel = {"the kernel's file systems",
                          "new /proc, /sys and /dev; what tells of the whole machine is covered"};
constexpr Phase mounts = {"mounts",
                          "what you asked for, and files that only this machine can write"};
constexpr Phase root = {"a root of its own",
                        "the tree becomes /; no path leads to the host's files"};
constexpr Phase powers = {"powers", "root gives up what a program in a container must not have"};
constexpr Phase program = {"the program", "the child becomes it; nothing of minirun stays inside"};
constexpr Phase end = {"the end", "minirun waits, and then takes away what it made"};

struct Part {
  const Phase& phase;
  void (*write)(PlanWriter& to);
};

constexpr std::array<Part, 19> parts = {{
    {directory, write_directory},         // host
    {directory, write_overlay_dirs},      // host: upper, work, merged, and the files to be bound
    {volumes, write_volumes},             // host
    {streams, write_streams},             // host
    {birth, write_cgroup_and_clone},      // host
    {namespaces, write_private},          // child from here: its mounts no longer propagate
    {namespaces, write_namespaces},       // a hostname, queues, a network, a cgroup root of its own
    {layers, write_overlay},              //
    {kernel, write_kernel_file_systems},  // made inside the new namespaces
    {kernel, write_dev},                  //
    {mounts, write_mounts},               // the user's own
    {mounts, write_generated_files},      // /etc/hosts and others: inside a volume on /etc too
    {mounts, write_read_only},            // --read-only, now that every mount point is made
    {mounts, write_masks},                // files of /proc and /sys about the whole machine
    {root, write_pivot},                  //
    {root, write_place},                  // working directory and stdin, opened as root
    {powers, write_privileges},           //
    {program, write_program},             //
    {end, write_end},                     // host
}};

}  // namespace

Plan build_plan(const ContainerSpec& spec) {
  PlanWriter to(spec);
  for (const Part& part : parts) {
    to.phase = part.phase;
    part.write(to);
  }
  return std::move(to.plan);
}

}  // namespace minirun
