#include "namespaces/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "runner/base/error.h"

namespace minirun::ns {
namespace {

// linux/memfd.h has it since 6.3; before, each memfd is executable.
constexpr unsigned memfd_exec = 0x10;

}  // namespace

UniqueFd make_program_memory(const char* name) {
  int fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | memfd_exec);
  if (fd == -1 && errno == EINVAL) fd = ::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd != -1) return UniqueFd(fd);
  const int number = errno;
  throw SysError(number, cat("memfd_create ", name),
                 number == EACCES ? "this machine forbids to execute memory files: sysctl "
                                    "vm.memfd_noexec is 2, and has to be 0 or 1"
                                  : "");
}

void seal(int memory) {
  check(::fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
        "fcntl F_ADD_SEALS");
}

}  // namespace minirun::ns
