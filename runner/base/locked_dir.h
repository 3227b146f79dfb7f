// A directory that belongs to a running process.
//
// A container's directory and a loader's staging area must be removed when their owner is dead,
// even after kill -9. The owner holds flock(2) on the directory. When the owner ends, the kernel
// releases the lock. A directory without a lock may be removed by any other process.
//
//     owner:    mkdir, open, flock; if it was swept in between: another name
//     sweeper:  open, flock without waiting; if that works, it has no owner: remove it
#pragma once

#include <optional>
#include <string>

#include "runner/base/unique_fd.h"

namespace minirun::files {

/// Makes `parent`/`name` (0700) and locks it. nullopt if the name is taken. Throws SysError.
std::optional<UniqueFd> make_locked_dir(int parent, const std::string& name);

/// Locks a directory whose owner is dead. nullopt if the owner is alive, or the directory is gone.
std::optional<UniqueFd> lock_if_abandoned(int parent, const std::string& name);

/// flock(2). Waits for the lock, and goes on after a signal. With LOCK_NB it returns false if
/// somebody else has it. Throws SysError with a hint.
bool lock(int fd, int operation, const std::string& name);

/// `length` random lower-case hexadecimal digits (getrandom(2)).
std::string random_hex(size_t length);

}  // namespace minirun::files
