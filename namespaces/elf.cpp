#include "namespaces/elf.h"

#include <elf.h>
#include <limits.h>
#include <unistd.h>

#include <cstring>

namespace minirun::ns {

std::optional<std::string> elf_interpreter(int program) {
  Elf64_Ehdr header{};
  if (::pread(program, &header, sizeof header, 0) != sizeof header) return {};
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return {};
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr)) return {};
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const auto at = static_cast<off_t>(header.e_phoff + uint64_t{i} * sizeof segment);
    if (::pread(program, &segment, sizeof segment, at) != sizeof segment) return {};
    if (segment.p_type != PT_INTERP) continue;
    if (segment.p_filesz == 0 || segment.p_filesz > PATH_MAX) return {};  // as the kernel has it
    std::string path(segment.p_filesz, '\0');
    const ssize_t got =
        ::pread(program, path.data(), path.size(), static_cast<off_t>(segment.p_offset));
    if (got != static_cast<ssize_t>(path.size())) return {};
    path.resize(std::strlen(path.c_str()));
    return path;
  }
  return "";
}

}  // namespace minirun::ns
