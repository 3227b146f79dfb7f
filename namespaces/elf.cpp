#include "namespaces/elf.h"

#include <elf.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "runner/base/error.h"
#include "runner/base/text.h"

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

namespace {

template <typename Struct>
bool read_at(int file, uint64_t offset, Struct& into) {
  return ::pread(file, &into, sizeof into, static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(sizeof into);
}

/// The string that begins there; empty if it can't be read.
std::string string_at(int file, uint64_t offset) {
  std::array<char, PATH_MAX> text{};
  const ssize_t got = ::pread(file, text.data(), text.size() - 1, static_cast<off_t>(offset));
  return got > 0 ? std::string(text.data()) : std::string();
}

/// Where in the file the byte lies that has this address in memory; nullopt if no segment has it.
std::optional<uint64_t> offset_of(const std::vector<Elf64_Phdr>& segments, uint64_t address) {
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    if (address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  }
  return std::nullopt;
}

void read_dynamic(int file, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& dynamic,
                  ElfFile& elf) {
  std::vector<uint64_t> needed;
  std::optional<uint64_t> strings;
  std::optional<uint64_t> rpath;
  std::optional<uint64_t> runpath;
  Elf64_Dyn entry{};
  for (uint64_t at = 0; at + sizeof entry <= dynamic.p_filesz; at += sizeof entry) {
    if (!read_at(file, dynamic.p_offset + at, entry) || entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED && needed.size() < max_needed) needed.push_back(entry.d_un.d_val);
    if (entry.d_tag == DT_STRTAB) strings = offset_of(segments, entry.d_un.d_ptr);
    if (entry.d_tag == DT_RPATH) rpath = entry.d_un.d_val;
    if (entry.d_tag == DT_RUNPATH) runpath = entry.d_un.d_val;
  }
  if (!strings) return;
  for (const uint64_t name : needed) {
    std::string library = string_at(file, *strings + name);
    if (!library.empty()) elf.needed.push_back(std::move(library));
  }
  if (!runpath) runpath = rpath;
  if (!runpath) return;
  const std::string path = string_at(file, *strings + *runpath);
  for (const std::string_view dir : split(path, ':')) elf.runpath.emplace_back(dir);
}

}  // namespace

std::optional<ElfFile> read_elf(int file) {
  Elf64_Ehdr header{};
  // The two forms agree in all that comes before e_entry.
  if (::pread(file, &header, sizeof header, 0) < static_cast<ssize_t>(sizeof(Elf32_Ehdr)))
    return {};
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return {};
  ElfFile elf;
  elf.bits = header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  elf.machine = header.e_machine;
  elf.type = header.e_type;
  if (elf.bits != 64 || header.e_phentsize != sizeof(Elf64_Phdr)) return elf;
  elf.interpreter = elf_interpreter(file).value_or("");
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  for (size_t i = 0; i < segments.size(); ++i) {
    if (!read_at(file, header.e_phoff + i * sizeof(Elf64_Phdr), segments[i])) return elf;
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_DYNAMIC) read_dynamic(file, segments, segment, elf);
  }
  return elf;
}

std::string machine_words(unsigned machine) {
  switch (machine) {
    case EM_X86_64:
      return "amd64 (x86-64)";
    case EM_AARCH64:
      return "arm64 (aarch64)";
    case EM_386:
      return "386 (32-bit x86)";
    case EM_ARM:
      return "arm (32 bit)";
    case EM_PPC64:
      return "ppc64";
    case EM_S390:
      return "s390x";
    case EM_RISCV:
      return "riscv64";
    case EM_MIPS:
      return "mips";
    default:
      return cat("machine ", machine);
  }
}

unsigned own_machine() {
#if defined(__x86_64__)
  return EM_X86_64;
#elif defined(__aarch64__)
  return EM_AARCH64;
#else
  return EM_NONE;
#endif
}

}  // namespace minirun::ns
