// A container is a list of steps. This file names its parts in order; host.cpp, root.cpp
// and process.cpp write them; run.cpp obeys.
//
// Everything is mounted below the merged directory before pivot_root, while the host's files can
// still be named. Powers go in an order in which each step still has what it needs: groups before
// user, user before capabilities, seccomp last.
#include "runner/plan/plan.h"

#include "runner/plan/plan_writer.h"

namespace minirun {

Plan build_plan(const ContainerSpec& spec) {
  PlanWriter to(spec);
  write_directory(to);            // host: all that it leaves on disk lies in one place
  write_overlay_dirs(to);         // host: upper, work, merged, and the files to be bound
  write_volumes(to);              // host: what shall outlive the container
  write_cgroup_and_clone(to);     // host: the child begins, in namespaces of its own
  write_private(to);              // child from here: what it mounts is nobody else's business
  write_namespaces(to);           // a hostname, queues, a network, a cgroup root of its own
  write_overlay(to);              // the layers become one tree
  write_kernel_file_systems(to);  // /proc and /sys, made inside the new namespaces
  write_dev(to);                  // /dev, with nothing of the machine in it
  write_mounts(to);               // the user's own
  write_generated_files(to);      // /etc/hosts, hostname, resolv.conf: inside a volume on /etc too
  write_read_only(to);            // --read-only, now that every mount point is made
  write_masks(to);                // what of /proc and /sys is the whole machine's
  write_pivot(to);                // the host's files can't be named any more
  write_place(to);                // what has to be opened is opened while root may
  write_privileges(to);           // then root is not what it was
  write_program(to);              // and the child becomes the program
  write_end(to);                  // host: wait; what was done is undone
  return std::move(to.plan);
}

}  // namespace minirun
