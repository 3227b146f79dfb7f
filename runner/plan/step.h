// A step, and the list of all ops: all that minirun can do to a system.
//
// An op is a struct of values. It does one thing, and describes it in three ways. All four use the
// same fields:
//
//   void apply(Live&) const;                 does it, or throws SysError
//   std::string shell() const;               what a person would type
//   std::vector<std::string> calls() const;  the system calls, as strace(1) prints them
//   std::string look() const;                how to see the effect from outside
//   bool operator==(...) = default;          so that tests compare plans, not effects
//
// If the effect would outlive the container, an op also has these. It is no error for them if the
// effect is gone already:
//
//   void undo(Live&) const;  std::string undo_shell() const;
//
// To add a step: README.md in this folder lists the places. A test or lint enforces each.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mount/bind.h"
#include "mount/dev.h"
#include "mount/dir.h"
#include "mount/mask.h"
#include "mount/mount.h"
#include "mount/overlay.h"
#include "mount/pivot.h"
#include "mount/terminal.h"
#include "mount/volume.h"
#include "namespaces/caps.h"
#include "namespaces/cgroup.h"
#include "namespaces/clone.h"
#include "namespaces/close_fds.h"
#include "namespaces/devices.h"
#include "namespaces/exec.h"
#include "namespaces/limits.h"
#include "namespaces/network.h"
#include "namespaces/resources.h"
#include "namespaces/scheduling.h"
#include "namespaces/seccomp.h"
#include "namespaces/session.h"
#include "namespaces/streams.h"
#include "namespaces/unshare.h"
#include "namespaces/usage.h"
#include "namespaces/user.h"
#include "namespaces/uts.h"
#include "namespaces/wait.h"
#include "namespaces/workdir.h"
#include "runner/containers/dir.h"
#include "runner/containers/lower.h"
#include "runner/containers/name.h"
#include "runner/plan/flush.h"

namespace minirun {

/// Which process does a step. After clone(2) the two are in different namespaces.
enum class Side { host, child };

using Op =
    std::variant<MakeContainerDir, ClaimName, NameLayers, mount::MakeDir, mount::WriteFile,
                 mount::MakeVolume, mount::MakeSource, ns::MakePipes, ns::MakeTerminalSocket,
                 ns::TakeTerminal, ns::MakeCgroup, ns::LimitResources, ns::AllowDevices,
                 ns::CloneChild, FlushLayers, ns::WaitChild, ns::ReadUsage,
                 // in the child:
                 mount::MakePrivate, ns::NewNamespace, mount::Overlay, mount::Mount, ns::LoopbackUp,
                 ns::SetSysctls, mount::MakeNodes, mount::MakeLinks, mount::MakeDevices,
                 mount::Bind, mount::FillVolume, mount::MakeDirInRoot, mount::MaskPaths,
                 mount::ReadOnlyPaths, mount::ReadOnlyRoot, ns::SetHostname, ns::NewSession,
                 mount::PivotRoot, mount::DetachOldRoot, ns::ResetScheduling, ns::SetLimits,
                 ns::DropBounding, ns::SetUser, ns::SetCapabilities, ns::NullStdin, ns::UsePipes,
                 ns::UseTerminal, mount::MakeTerminal, mount::BindConsole, ns::ResetProcess,
                 ns::ChangeDir, ns::NoNewPrivileges, ns::InstallSeccomp, ns::CloseFds, ns::Exec>;

/// A part of a plan: some steps with one purpose. plan.cpp lists all phases.
struct Phase {
  std::string_view name;
  std::string_view why;
  bool operator==(const Phase&) const = default;
};

struct Step {
  std::string id;  ///< kebab-case; never renamed, because lessons, tests and people use it
  Side side;
  std::string_view why;  ///< why this step, and why at this place
  std::string_view see;  ///< a source to read: "mount_namespaces(7)"
  Op op;
  Phase phase = {};

  bool operator==(const Step&) const = default;
};

using Plan = std::vector<Step>;

// Only step.cpp looks into the variant.
void apply(const Op& op, Live& live);
std::string shell(const Op& op);
/// The system calls that do it, in order, in the form of strace(1) (syscall_text.h). A comment at
/// the end says that a call is not always made, /* if there */, or not by this process, /* in the
/// background */. Calls that only look up, open or close something are left out, and those that
/// make a missing mount point.
std::vector<std::string> calls(const Op& op);
/// A command that shows the effect. Root types it in another terminal of the host, right after the
/// step, while the container waits. "$PID" is the host's pid of the container's first process.
/// Empty only if the step leaves no effect that can be seen.
std::string look(const Op& op);
bool can_undo(const Op& op);
void undo(const Op& op, Live& live);  ///< does nothing if can_undo is false
std::string undo_shell(const Op& op);

}  // namespace minirun
