// Programs in memory, in no directory: if a process opens the /proc/PID/exe of such a program, it
// gets no file of the host (CVE-2019-5736).
//
// Source: memfd_create(2), "File sealing".
#pragma once

#include "runner/base/unique_fd.h"

namespace minirun::ns {

/// Makes an empty file in memory that may be executed. /proc/PID/exe shows it as "memfd:NAME".
/// Throws SysError.
UniqueFd make_program_memory(const char* name);

/// From here on no process can change the file, even if it opens it again for writing.
void seal(int memory);

}  // namespace minirun::ns
