// What all processes of a container may use together: memory, processor time, processes.
//
// setrlimit(2) limits one process, and a program can start many. A cgroup limits all of them. Each
// kind has a controller, and each controller has files in the cgroup's directory.
//
// Source: cgroups(7); cgroup-v2.rst, "Controllers"; cgroup-v1/{memory,cpusets,pids}.rst;
// runtime-spec, config-linux.md "Control groups".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// What the command line asks for. Without a value nothing is limited.
struct Resources {
  std::optional<uint64_t> memory;              ///< bytes
  std::optional<uint64_t> memory_reservation;  ///< bytes that are taken away last
  /// Bytes of memory and swap together, as Docker counts them. Without a value: twice `memory`.
  std::optional<uint64_t> memory_and_swap;
  bool unlimited_swap = false;
  std::optional<uint64_t> cpu_quota;   ///< microseconds of processor time in each cpu_period
  std::optional<uint64_t> cpu_shares;  ///< 2 to 262144; a share where processors are short
  std::string cpus;                    ///< which processors: "0-2,4"
  std::optional<uint64_t> pids;        ///< processes and threads at a time

  bool operator==(const Resources&) const = default;
};

constexpr uint64_t cpu_period = 100'000;  ///< µs, Docker's

/// The controllers that are needed for it, in this order: memory, cpu, cpuset, pids.
std::vector<std::string> controllers_for(const Resources& resources);

/// A file of a cgroup, and what is written there.
struct Setting {
  std::string file;  ///< "memory.max"
  std::string value;
  std::string if_missing;  ///< a note for where the kernel lacks the file; empty: an error

  bool operator==(const Setting&) const = default;
};

/// The settings for one controller. `mems` is what a cpuset of v1 needs: its memory nodes.
std::vector<Setting> settings_for(const Resources& resources, std::string_view controller,
                                  bool is_v1, const std::string& mems);

/// The weight of cgroup v2 for the shares of v1: 2 to 262144 become 1 to 10000, as runc has it.
uint64_t weight_of(uint64_t shares);

/// Limits what the processes of a cgroup may use. Host step, before there is a process in it.
struct LimitResources {
  std::string controller;
  std::string cgroup;  ///< its directory
  bool is_v1 = false;  ///< else the controller is first enabled for the groups inside the parent
  std::vector<Setting> settings;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const LimitResources&) const = default;
};

}  // namespace minirun::ns
