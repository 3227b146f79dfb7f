// Programs that lie in memory and in no file system: whoever opens such a program's /proc/PID/exe
// has nothing of the host (CVE-2019-5736).
//
// Source: memfd_create(2), "File sealing".
#pragma once

#include "runner/base/unique_fd.h"

namespace minirun::ns {

/// An empty memory file that may be executed. `name` is what /proc/PID/exe shows: "memfd:NAME".
/// Throws SysError.
UniqueFd make_program_memory(const char* name);

/// Nobody can change it from here on, not even who opens it again for writing.
void seal(int memory);

}  // namespace minirun::ns
