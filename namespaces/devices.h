// Which device files may be opened, whatever nodes there are: the device cgroup.
//
// Every mount of a container but its own /dev is nodev. This is the second lock on the same door: a
// node that comes to stand inside by a mistake of ours still opens nothing of the machine.
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

/// What is allowed, in the words of cgroup v1: "c 1:3 rwm".
struct DeviceRule {
  char type = 'c';  ///< c (character) or b (block)
  int major = -1;   ///< -1: every one
  int minor = -1;
  std::string access;  ///< r (read), w (write), m (mknod): "rwm"

  std::string text() const;
  bool operator==(const DeviceRule&) const = default;
};

/// Docker's: any node may be made, and opened only null, zero, full, random, urandom, tty, console,
/// ptmx and the terminals of a devpts.
std::vector<DeviceRule> default_device_rules();

/// Denies all devices but those of the rules to the processes of a cgroup. Host step. Where the
/// kernel has no BPF for cgroups, live.note says so.
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
