// Capabilities: root's power in pieces, and which pieces the container keeps.
//
// Source: capabilities(7), "Thread capability sets", "Capability bounding set".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runner/base/live.h"

namespace minirun::ns {

/// A set of capabilities, with the kernel's numbers: bit n is capability n.
using CapSet = uint64_t;
constexpr CapSet cap_bit(int cap) { return CapSet{1} << cap; }

/// Docker's 14 without MKNOD, NET_RAW and AUDIT_WRITE. A program that starts as root needs these to
/// set up files and to change its user. None of them reaches the machine.
CapSet default_caps();

/// All capabilities of this kernel.
CapSet all_caps();

/// "cap_chown,cap_setuid", in the kernel's order.
std::string cap_names(CapSet caps);
/// For people, in the shortest of these forms: "none", "all 41", "all but cap_sys_admin",
/// "cap_chown, cap_setuid".
std::string cap_words(CapSet caps);
/// From "CHOWN" or "cap_chown". Throws UsageError that names similar ones.
CapSet parse_cap(std::string_view name);

/// The bounding set of this process: root inside another container has fewer than all.
CapSet bounding_caps();

/// Removes all but `keep` from the bounding set. The process can't get the others again, not even
/// by a setuid file or a file with capabilities. First of the three steps. Before that it clears
/// the securebits, which are inherited: with the caller's no_setuid_fixup a program would keep its
/// capabilities when it becomes another user (capabilities(7), "The securebits flags").
struct DropBounding {
  CapSet keep = 0;

  void apply(Live& live) const;
  std::string shell() const;
  std::vector<std::string> calls() const;
  std::string look() const;
  bool operator==(const DropBounding&) const = default;
};

/// Sets the capabilities with which the program starts. Inheritable and ambient are always empty
/// (CVE-2022-27650). A user other than root starts without capabilities, as after execve(2).
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
