// What a file's first bytes say: it is a script, an ELF program, or something that the kernel can't
// start.
#include <elf.h>
#include <linux/capability.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "namespaces/elf.h"
#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/program.h"

namespace minirun {
namespace {

constexpr int max_interpreters = 5;  // execve(2), "Interpreter scripts"
constexpr size_t head_size = 256;    // of a script: as much as the kernel looks at

/// The capabilities that a file gives, which execve(2) refuses with EPERM where the bounding set
/// lacks one of them and the file says "effective".
ns::CapSet file_caps(int fd) {
  vfs_ns_cap_data data{};
  const ssize_t got = ::fgetxattr(fd, "security.capability", &data, sizeof data);
  if (got < static_cast<ssize_t>(XATTR_CAPS_SZ_2)) return 0;
  if ((data.magic_etc & VFS_CAP_FLAGS_EFFECTIVE) == 0) return 0;
  return data.data[0].permitted | ns::CapSet{data.data[1].permitted} << 32;
}

std::string in_quotes(std::string_view text) { return cat("\"", printable(text), "\""); }

}  // namespace

std::optional<std::string> Program::examine(const std::string& path, const std::string& role,
                                            int level) {
  const auto found = stack_.find(path);
  const std::string of = level == 0 ? "" : cat(printable(parts_.back().path), " needs it: ");
  if (!found) return of + not_reached(path);
  if (auto reason = forbidden(path, *found)) return of + *reason;
  parts_.push_back({role, path, found->layer});
  const UniqueFd file = stack_.open(*found);
  std::array<char, head_size> bytes{};
  const ssize_t got = ::pread(file.get(), bytes.data(), bytes.size(), 0);
  const std::string_view head(bytes.data(), got > 0 ? static_cast<size_t>(got) : 0);
  if (const ns::CapSet more = file_caps(file.get()) & ~spec_.caps; more != 0) {
    return cat(
        printable(path), " asks for ", ns::cap_words(more),
        ", which this container has not: give it with --cap-add, or take it from the file where "
        "the image is built (setcap -r)");
  }
  if (head.empty()) return cat(printable(path), " is an empty file");
  if (head.starts_with("#!")) return examine_script(path, head.substr(2), level);
  if (head.starts_with("\x7f"
                       "ELF")) {
    return examine_elf(path, file.get(), level);
  }
  if (head.starts_with("\xef\xbb\xbf#!")) {
    return cat(printable(path), " begins with a byte order mark, before its #!: save it without");
  }
  if (head.starts_with("MZ")) return cat(printable(path), " is a program for Windows");
  if (head.starts_with("\xcf\xfa\xed\xfe") || head.starts_with("\xca\xfe\xba\xbe")) {
    return cat(printable(path), " is a program for macOS, or Java's bytes");
  }
  return cat(printable(path), " is neither an ELF program nor a script: it begins with ",
             in_quotes(head.substr(0, std::min<size_t>(head.find('\n'), 20))),
             ". A script needs a first line like #!/bin/sh");
}

std::optional<std::string> Program::examine_script(const std::string& path, std::string_view line,
                                                   int level) {
  line = line.substr(0, line.find('\n'));
  const size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) {
    return cat(printable(path), " names no interpreter after its #!");
  }
  const std::string interpreter(line.substr(start, line.find_first_of(" \t", start) - start));
  if (line.ends_with('\r')) {
    return cat(printable(path),
               ": its first line ends in a carriage return, as Windows writes it, so "
               "the kernel looks for ",
               in_quotes(interpreter), ": write the file with line ends of Unix (dos2unix)");
  }
  if (level + 1 == max_interpreters) {
    return cat(printable(path),
               ": its interpreter is a script, whose interpreter is one, and so on");
  }
  if (auto reason = examine(
          interpreter.starts_with('/') ? interpreter : cat(spec_.working_dir, "/", interpreter),
          "interpreter", level + 1)) {
    return reason;
  }
  if (name_of(interpreter) != "env") return std::nullopt;
  // "#!/usr/bin/env python3": env(1) looks for the program, and would say 127 by itself.
  const std::string_view rest = line.substr(start + interpreter.size());
  for (std::string_view word : split(rest, ' ')) {
    if (word.empty() || word.starts_with('-') || word.find('=') != std::string_view::npos) continue;
    for (const std::string& dir : path_dirs()) {
      if (stack_.find(cat(dir, "/", word))) return std::nullopt;
    }
    return cat(printable(path), " is run by ", printable(word),
               " (its #! line says so), and PATH has "
               "no such program");
  }
  return std::nullopt;
}

std::optional<std::string> Program::examine_elf(const std::string& path, int fd, int level) {
  const auto elf = ns::read_elf(fd);
  if (!elf) return cat(printable(path), " is an ELF file that is cut off");
  const bool is_32_of_ours = ns::own_machine() == EM_X86_64 && elf->machine == EM_386;
  if (elf->machine != ns::own_machine() && !is_32_of_ours) {
    return cat(printable(path), " is made for ", ns::machine_words(elf->machine),
               ", and this machine is ", ns::machine_words(ns::own_machine()),
               ": save the image for this platform (docker pull --platform)");
  }
  if (elf->type != ET_EXEC && elf->type != ET_DYN) {
    return cat(printable(path), " is an object file or a core dump, no program");
  }
  if (elf->interpreter.empty() || level > max_interpreters) return std::nullopt;
  const auto loader = stack_.find(elf->interpreter);
  if (!loader) {
    const bool is_musl = elf->interpreter.find("musl") != std::string::npos;
    return cat(printable(path), " needs ", printable(elf->interpreter),
               ", which the image has not: ",
               is_musl ? "it was built for musl (Alpine)"
                       : "it was built against another C library, or the image has none",
               "; build it statically, or on the image's own base");
  }
  if (auto reason = forbidden(elf->interpreter, *loader)) return reason;
  parts_.push_back({"loader", elf->interpreter, loader->layer});
  return std::nullopt;
}

}  // namespace minirun
