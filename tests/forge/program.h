// Two programs small enough to be written down byte by byte: no compiler, no libc, the same bytes
// on every machine of an architecture. For images that need no shell.
//
// Sources: elf(5); syscall(2), "Architecture calling conventions".
#pragma once

#include <string>
#include <string_view>

namespace minirun::forge {

/// The machine's architecture as images name it: "amd64" or "arm64". Throws Error on any other.
std::string host_architecture();

/// An ELF executable that writes `text` to stdout and exits with 0.
std::string program_that_says(std::string_view text);

/// An ELF executable that exits with its effective user id.
std::string program_that_exits_with_euid();

/// What the fixtures' HELLO image says too.
constexpr std::string_view hello_text = "Hello from minirun test image!\n";

}  // namespace minirun::forge
