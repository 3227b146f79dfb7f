// What an ELF file needs to start: its machine, its dynamic loader and its libraries.
//
// Source: elf(5), PT_INTERP, "Dynamic tags (Dyn)"; execve(2), "ELF"; ld.so(8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace minirun::ns {

/// The path of the dynamic loader that an ELF program names. Empty if it names none: it is static.
/// nullopt if it is no 64-bit ELF program, or a broken one.
std::optional<std::string> elf_interpreter(int program);

struct ElfFile {
  unsigned bits = 64;               ///< 64 or 32
  unsigned machine = 0;             ///< EM_X86_64, ...
  unsigned type = 0;                ///< ET_EXEC and ET_DYN can be programs
  std::string interpreter;          ///< empty: static. Of 64-bit files only, as is all that follows
  std::vector<std::string> needed;  ///< DT_NEEDED, in their order: "libc.so.6"
  std::vector<std::string> runpath;  ///< DT_RUNPATH, else DT_RPATH; may begin with $ORIGIN
};

/// nullopt if it is no ELF file. A field that is broken is left empty. The file may be a
/// stranger's, so at most `max_needed` names are read.
std::optional<ElfFile> read_elf(int file);
inline constexpr size_t max_needed = 1000;

/// "arm64 (aarch64)" for EM_AARCH64; "machine 77" for one without a name here.
std::string machine_words(unsigned machine);

/// That of the program that we are.
unsigned own_machine();

}  // namespace minirun::ns
