// A directory that belongs to a living process.
//
// A runner's container and a loader's staging area must go when their owner dies, even by kill -9.
// The owner holds flock(2) on the directory, which the kernel drops with the process; whoever finds
// one that nobody holds may remove it.
//
//     owner:    mkdir, open, flock; still linked? else it was swept in between: take another name
//     sweeper:  open, flock without waiting; got it: nobody owns it, remove it
#pragma once

#include <optional>
#include <string>

#include "runner/base/unique_fd.h"

namespace minirun::files {

/// Makes `parent`/`name` (0700) and locks it. nullopt if the name is taken. Throws SysError.
std::optional<UniqueFd> make_locked_dir(int parent, const std::string& name);

/// Locks a directory that has no living owner. nullopt if it has one, or is gone.
std::optional<UniqueFd> lock_if_abandoned(int parent, const std::string& name);

/// `length` random lower-case hexadecimal digits (getrandom(2)).
std::string random_hex(size_t length);

}  // namespace minirun::files
