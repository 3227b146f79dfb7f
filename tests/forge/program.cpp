#include "tests/forge/program.h"

#include <elf.h>
#include <sys/utsname.h>

#include <cstdint>
#include <vector>

#include "runner/base/error.h"

namespace minirun::forge {
namespace {

constexpr uint64_t load_address = 0x400000;
constexpr size_t headers = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);

template <typename Value>
std::string little_endian(Value value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) {
    bytes += static_cast<char>((static_cast<uint64_t>(value) >> (8 * i)) & 0xff);
  }
  return bytes;
}

template <typename Struct>
std::string bytes_of(const Struct& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// One segment, readable and executable, that holds the whole file.
std::string elf(const std::string& code) {
  Elf64_Ehdr file{};
  const std::string_view ident(ELFMAG "\2\1\1", 7);  // 64 bits, little-endian, version 1
  std::copy(ident.begin(), ident.end(), file.e_ident);
  file.e_type = ET_EXEC;
  file.e_machine = host_architecture() == "amd64" ? EM_X86_64 : EM_AARCH64;
  file.e_version = EV_CURRENT;
  file.e_entry = load_address + headers;
  file.e_phoff = sizeof file;
  file.e_ehsize = sizeof file;
  file.e_phentsize = sizeof(Elf64_Phdr);
  file.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = segment.p_paddr = load_address;
  segment.p_filesz = segment.p_memsz = headers + code.size();
  segment.p_align = 0x1000;
  return bytes_of(file) + bytes_of(segment) + code;
}

std::string words(const std::vector<uint32_t>& instructions) {
  std::string code;
  for (const uint32_t instruction : instructions) code += little_endian(instruction);
  return code;
}

/// movz x<reg>, #value
uint32_t arm_move(uint32_t reg, uint32_t value) { return 0xd2800000u | value << 5 | reg; }
constexpr uint32_t arm_svc = 0xd4000001;
const std::string x86_syscall = "\x0f\x05";

}  // namespace

std::string host_architecture() {
  struct utsname system {};
  check(::uname(&system), "uname");
  const std::string_view machine = system.machine;
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  throw Error(cat("forge has no programs for ", machine));
}

std::string program_that_says(std::string_view text) {
  const auto length = static_cast<uint32_t>(text.size());
  if (host_architecture() == "arm64") {  // write(1, text, length), exit(0)
    const uint32_t to_text = 8 * 4 / 4;  // eight instructions on: adr counts in words here
    return elf(words({0x10000001u | to_text << 5, arm_move(2, length), arm_move(0, 1),
                      arm_move(8, 64), arm_svc, arm_move(0, 0), arm_move(8, 93), arm_svc}) +
               std::string(text));
  }
  const std::string rest = "\xba" + little_endian(length)             // mov edx, length
                           + "\xbf" + little_endian(1)                // mov edi, 1
                           + "\xb8" + little_endian(1)                // mov eax, write
                           + x86_syscall + "\x31\xff" +               // xor edi, edi
                           "\xb8" + little_endian(60) + x86_syscall;  // mov eax, exit
  return elf("\x48\x8d\x35" +
             little_endian(static_cast<uint32_t>(rest.size())) +  // lea rsi, [text]
             rest + std::string(text));
}

std::string program_that_exits_with_euid() {
  if (host_architecture() == "arm64") {
    return elf(words({arm_move(8, 175), arm_svc, arm_move(8, 93), arm_svc}));
  }
  return elf("\xb8" + little_endian(107) + x86_syscall + "\x89\xc7" +  // geteuid; mov edi, eax
             "\xb8" + little_endian(60) + x86_syscall);
}

}  // namespace minirun::forge
