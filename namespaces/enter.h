// A shell inside a container that is only half made, or whose image has none.
//
// The namespaces are joined by pidfd (setns(2)), root and working directory are taken from the
// process itself, and the shell is a copy of the host's static busybox in memory, executed by its
// descriptor: nothing is put into the container's files, and nothing of the host stays.
//
// Source: setns(2), "pidfd"; memfd_create(2); execveat(2).
#pragma once

#include <string>

#include "runner/base/live.h"

namespace minirun::ns {

/// Runs an interactive shell on the terminal `tty`, in the namespaces, root and working directory
/// of live.child, with all of root's capabilities and in `cgroup` (which may be empty), and waits
/// for its end. Signals that this process blocks are not blocked in it. Returns what went wrong,
/// empty if nothing did.
std::string run_shell_inside(const Live& live, int tty, const std::string& cgroup);

/// The same for a shell of the host ($SHELL, else /bin/sh).
std::string run_shell_on_host(int tty);

}  // namespace minirun::ns
