// What minirun reads of an ELF program, which may be an image's.
#include "namespaces/elf.h"

#include <elf.h>
#include <fcntl.h>

#include <cstring>

#include "namespaces/memfd.h"
#include "runner/base/files.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch.h"

namespace minirun::ns {
namespace {

/// A program of a header and one segment.
std::string program(uint32_t segment_type, const std::string& content) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = segment_type;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = content.size();
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  text.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  return text + content;
}

std::optional<std::string> interpreter_of(const std::string& bytes) {
  const scratch::Dir dir;
  scratch::write_file(dir / "program", bytes);
  return elf_interpreter(files::open_at(AT_FDCWD, dir / "program", O_RDONLY).get());
}

}  // namespace

TEST_CASE("an ELF program's loader is found, and a static one has none") {
  const std::string loader("/lib/ld.so\0", 11);
  CHECK(interpreter_of(program(PT_INTERP, loader)) == "/lib/ld.so");
  CHECK(interpreter_of(program(PT_LOAD, loader)) == "");
}

TEST_CASE("what is no ELF program, or a broken one, has no answer") {
  const std::string whole = program(PT_INTERP, std::string("/lib/ld.so\0", 11));
  for (const size_t length : {size_t{0}, size_t{4}, size_t{63}, size_t{64}, whole.size() - 1}) {
    INFO(length);
    CHECK_FALSE(interpreter_of(whole.substr(0, length)).has_value());
  }
  CHECK_FALSE(interpreter_of("#!/bin/sh\n" + whole).has_value());
  CHECK_FALSE(interpreter_of(program(PT_INTERP, std::string(5000, 'x'))).has_value());
  CHECK_FALSE(interpreter_of(program(PT_INTERP, "")).has_value());
  std::string other_class = whole;
  other_class[EI_CLASS] = ELFCLASS32;
  CHECK_FALSE(interpreter_of(other_class).has_value());
}

TEST_CASE("case 65: sealed memory can't be written to, not even by who opens it again") {
  const UniqueFd memory = make_program_memory("test");
  files::write_all(memory.get(), "program", "memory");
  seal(memory.get());
  CHECK(::write(memory.get(), "x", 1) == -1);
  CHECK(::ftruncate(memory.get(), 0) == -1);
  const std::string again = cat("/proc/self/fd/", memory.get());
  const UniqueFd writable(::open(again.c_str(), O_RDWR | O_CLOEXEC));
  if (writable) {
    CHECK(::pwrite(writable.get(), "x", 1, 0) == -1);
    CHECK(errno == EPERM);
  }
  CHECK(scratch::read_file(again) == "program");
}

}  // namespace minirun::ns
