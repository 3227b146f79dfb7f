// A step, and what it can be about. This list is all that minirun can do to a system.
//
// An op is a struct of values. It does one thing, and says three times more, from the same fields,
// what that is:
//
//   void apply(Live&) const;                 does it, or throws SysError
//   std::string shell() const;               what a person would type
//   std::vector<std::string> calls() const;  the system calls, as strace(1) prints them
//   std::string look() const;                how to see the effect from outside
//   bool operator==(...) = default;          so that tests compare plans, not effects
//
// and only where the effect outlives the container, with "already gone" as success:
//
//   void undo(Live&) const;  std::string undo_shell() const;
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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
#include "namespaces/devices.h"
#include "namespaces/exec.h"
#include "namespaces/limits.h"
#include "namespaces/network.h"
#include "namespaces/scheduling.h"
#include "namespaces/seccomp.h"
#include "namespaces/session.h"
#include "namespaces/streams.h"
#include "namespaces/unshare.h"
#include "namespaces/user.h"
#include "namespaces/uts.h"
#include "namespaces/wait.h"
#include "runner/containers/dir.h"
#include "runner/containers/name.h"
#include "runner/plan/flush.h"

namespace minirun {

/// Which process performs a step: after clone(2) the two see different worlds.
enum class Side { host, child };

using Op =
    std::variant<MakeContainerDir, ClaimName, mount::MakeDir, mount::WriteFile, mount::MakeVolume,
                 mount::MakeSource, ns::MakePipes, ns::MakeTerminalSocket, ns::TakeTerminal,
                 ns::MakeCgroup, ns::AllowDevices, ns::CloneChild, FlushLayers, ns::WaitChild,
                 // in the child:
                 mount::MakePrivate, ns::NewNamespace, mount::Overlay, mount::Mount, ns::LoopbackUp,
                 ns::SetSysctls, mount::MakeNodes, mount::MakeLinks, mount::Bind, mount::FillVolume,
                 mount::MakeDirInRoot, mount::MaskPaths, mount::ReadOnlyPaths, mount::ReadOnlyRoot,
                 ns::SetHostname, ns::NewSession, mount::PivotRoot, mount::DetachOldRoot,
                 ns::ResetScheduling, ns::SetLimits, ns::DropBounding, ns::SetUser,
                 ns::SetCapabilities, ns::NullStdin, ns::UsePipes, ns::UseTerminal,
                 mount::MakeTerminal, mount::BindConsole, ns::ResetProcess, ns::ChangeDir,
                 ns::NoNewPrivileges, ns::InstallSeccomp, ns::CloseFds, ns::Exec>;

/// A part of a plan: what its steps are for, together. plan.cpp lists them.
struct Phase {
  std::string_view name;
  std::string_view why;
  bool operator==(const Phase&) const = default;
};

struct Step {
  std::string id;  ///< stable, kebab-case: lessons, tests, --break-after name it
  Side side;
  std::string_view why;  ///< why this, and why now
  std::string_view see;  ///< where to read on: "mount_namespaces(7)"
  Op op;
  Phase phase = {};

  bool operator==(const Step&) const = default;
};

using Plan = std::vector<Step>;

// The only places that look into the variant are in step.cpp.
void apply(const Op& op, Live& live);
std::string shell(const Op& op);
/// The system calls that do it, in order and as strace(1) prints them (syscall_text.h): a
/// descriptor stands as <what it is>, and a comment at the end says of a call that it is not always
/// made, /* if there */, or not by this process, /* in the background */. What only looks
/// something up, opens it or closes it on the way is left out, and so is a mount point that is made
/// where it is missing.
std::vector<std::string> calls(const Op& op);
/// A command for another terminal of the host, for root, that shows the effect right after the step
/// while the container stands there; "$PID" is its first process as the host numbers it. Empty only
/// where nothing is left to see.
std::string look(const Op& op);
bool can_undo(const Op& op);
void undo(const Op& op, Live& live);  ///< does nothing where can_undo is false
std::string undo_shell(const Op& op);

}  // namespace minirun
