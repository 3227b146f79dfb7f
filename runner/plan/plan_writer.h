// The parts of plan.cpp write their steps with this class.
#pragma once

#include <linux/mount.h>

#include <cstdint>
#include <string>

#include "runner/plan/plan.h"

namespace minirun {

// Attributes of a mount, by the words that mount(8) has for them. mount_setattr(2).
constexpr uint64_t nosuid = MOUNT_ATTR_NOSUID;
constexpr uint64_t nodev = MOUNT_ATTR_NODEV;
constexpr uint64_t noexec = MOUNT_ATTR_NOEXEC;
constexpr uint64_t read_only = MOUNT_ATTR_RDONLY;

/// The list of steps so far, and the values that most steps need.
class PlanWriter {
 public:
  explicit PlanWriter(const ContainerSpec& container)
      : spec(container), dir(container.directory()), merged(dir + "/merged") {}

  void host(std::string id, Op op, std::string_view why, std::string_view see) {
    plan.push_back({std::move(id), Side::host, why, see, std::move(op), phase});
  }
  void child(std::string id, Op op, std::string_view why, std::string_view see) {
    plan.push_back({std::move(id), Side::child, why, see, std::move(op), phase});
  }
  /// Whether the user mounts something on `target`. Then minirun leaves out its own mount.
  bool taken(std::string_view target) const {
    for (const MountSpec& mount : spec.mounts) {
      if (mount.target == target) return true;
    }
    return false;
  }
  std::string volumes_dir() const { return spec.store + "/volumes"; }

  const ContainerSpec& spec;
  const std::string dir;     ///< the container's directory on the host
  const std::string merged;  ///< its root, until pivot_root
  Phase phase;               ///< the part that is being written
  Plan plan;
};

// host.cpp
void write_directory(PlanWriter& to);
void write_overlay_dirs(PlanWriter& to);
void write_volumes(PlanWriter& to);
void write_streams(PlanWriter& to);
void write_cgroup_and_clone(PlanWriter& to);
void write_end(PlanWriter& to);

// root.cpp
void write_private(PlanWriter& to);
void write_namespaces(PlanWriter& to);
void write_overlay(PlanWriter& to);
void write_mounts(PlanWriter& to);
void write_generated_files(PlanWriter& to);
void write_read_only(PlanWriter& to);

// kernel.cpp
void write_kernel_file_systems(PlanWriter& to);
void write_dev(PlanWriter& to);
void write_masks(PlanWriter& to);

// process.cpp
void write_pivot(PlanWriter& to);
void write_place(PlanWriter& to);
void write_privileges(PlanWriter& to);
void write_program(PlanWriter& to);

}  // namespace minirun
