// The device cgroup: decides which devices may be opened, whatever device nodes exist.
//
// Every mount of a container is nodev, except its own /dev. The device cgroup is a second guard: if
// a node gets into a mount without nodev by a mistake, it can't be opened either.
//
// In cgroup v2 the rules are a small BPF program that the kernel runs at each open(2) and mknod(2)
// of a device; in v1 they are written to files of the controller `devices`.
//
// Source: cgroup-v2.rst, "Device controller"; cgroup-v1/devices.rst; bpf(2).
#pragma once

#include <string>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// An allowed device, in the form of cgroup v1: "c 1:3 rwm".
struct DeviceRule {
  char type = 'c';  ///< c (character) or b (block)
  int major = -1;   ///< -1: every one
  int minor = -1;
  std::string access;  ///< r (read), w (write), m (mknod): "rwm"

  std::string text() const;
  bool operator==(const DeviceRule&) const = default;
};

/// Docker's rules. Any node may be made. Only these may be opened: null, zero, full, random,
/// urandom, tty, console, ptmx and the terminals of a devpts.
std::vector<DeviceRule> default_device_rules();

/// Denies the processes of a cgroup all devices but those of the rules. Host step. If the kernel
/// has no BPF for cgroups, live.note says so.
struct AllowDevices {
  std::string cgroup;  ///< its directory
  bool is_v1 = false;  ///< of the v1 controller `devices`; else of cgroup v2
  std::vector<DeviceRule> rules;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const AllowDevices&) const = default;
};

}  // namespace minirun::ns
