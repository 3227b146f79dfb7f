// The one thing that minirun wants to know of an ELF program: what the kernel starts in its place.
//
// Source: elf(5), PT_INTERP; execve(2), "ELF".
#pragma once

#include <optional>
#include <string>

namespace minirun::ns {

/// The path of the dynamic loader that an ELF program names. Empty: it is ELF and names none, so it
/// is static. Nothing: it is no 64-bit ELF program, or a broken one.
std::optional<std::string> elf_interpreter(int program);

}  // namespace minirun::ns
