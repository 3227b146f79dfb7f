// Root's powers, one by one: which of them the container keeps.
//
// Source: capabilities(7), "Thread capability sets", "Capability bounding set".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// A set of capabilities as the kernel counts them: bit n is capability n.
using CapSet = uint64_t;

/// Docker's 14 without MKNOD, NET_RAW and AUDIT_WRITE: what a program
/// that starts as root needs to set up files and become somebody else, and nothing that reaches the
/// machine.
CapSet default_caps();

/// All that this kernel knows.
CapSet all_caps();

/// "cap_chown,cap_setuid", in the kernel's order.
std::string cap_names(CapSet caps);
/// For people, in the shortest of these forms: "none", "all 41", "all but cap_sys_admin",
/// "cap_chown, cap_setuid".
std::string cap_words(CapSet caps);
/// From "CHOWN", "cap_chown" or "ALL" (all that this kernel knows). Throws UsageError.
CapSet parse_cap(std::string_view name);

/// What this process itself has and can hand on. Root inside another container has less than ALL.
CapSet held_caps();

/// Whatever is not in `keep` can't be had again, not even from a setuid or capable file. First of
/// the three steps.
struct DropBounding {
  CapSet keep = 0;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const DropBounding&) const = default;
};

/// The sets the program starts with. Inheritable and ambient are always empty (CVE-2022-27650). A
/// user other than root starts with none, as execve(2) would make it.
struct SetCapabilities {
  CapSet permitted = 0;  ///< effective too

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const SetCapabilities&) const = default;
};

struct NoNewPrivileges {
  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const NoNewPrivileges&) const = default;
};

}  // namespace minirun::ns
