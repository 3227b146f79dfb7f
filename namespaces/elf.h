// Finds the dynamic loader of an ELF program, which the kernel starts with the program.
//
// Source: elf(5), PT_INTERP; execve(2), "ELF".
#pragma once

#include <optional>
#include <string>

namespace minirun::ns {

/// The path of the dynamic loader that an ELF program names. Empty if it names none: it is static.
/// nullopt if it is no 64-bit ELF program, or a broken one.
std::optional<std::string> elf_interpreter(int program);

}  // namespace minirun::ns
