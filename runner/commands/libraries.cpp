#include "runner/commands/libraries.h"

#include <set>

#include "namespaces/elf.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun {
namespace {

constexpr size_t max_libraries = 2000;

std::string variable(const std::vector<std::string>& env, const std::string& name) {
  for (const std::string& text : env) {
    if (text.starts_with(name + "=")) return text.substr(name.size() + 1);
  }
  return {};
}

/// Adds the absolute paths of a configuration file, separated by lines or colons.
void add_lines(std::vector<std::string>& dirs, const std::string& text) {
  for (const std::string_view line : split(text, '\n')) {
    for (const std::string_view dir : split(line, ':')) {
      if (dir.starts_with('/')) dirs.emplace_back(dir);
    }
  }
}

/// Where every search ends: ld.so.conf as ldconfig(8) reads it, musl's file, the loader's own list.
std::vector<std::string> common_dirs(const image::Stack& stack,
                                     const std::vector<std::string>& env) {
  std::vector<std::string> dirs;
  const std::string preset = variable(env, "LD_LIBRARY_PATH");
  for (const std::string_view dir : split(preset, ':')) {
    if (!dir.empty()) dirs.emplace_back(dir);
  }
  add_lines(dirs, stack.read("/etc/ld.so.conf").value_or(""));
  for (const std::string& name : stack.list("/etc/ld.so.conf.d")) {
    if (!name.ends_with(".conf")) continue;
    add_lines(dirs, stack.read("/etc/ld.so.conf.d/" + name).value_or(""));
  }
  for (const std::string& name : stack.list("/etc")) {
    if (!name.starts_with("ld-musl-") || !name.ends_with(".path")) continue;
    add_lines(dirs, stack.read("/etc/" + name).value_or(""));
  }
  for (const char* dir :
       {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu", "/lib/i386-linux-gnu", "/usr/lib/i386-linux-gnu", "/lib64",
        "/usr/lib64", "/lib32", "/usr/lib32", "/lib", "/usr/local/lib", "/usr/lib"}) {
    dirs.emplace_back(dir);
  }
  return dirs;
}

/// The directories that an ELF file names itself; $ORIGIN is where that file is.
std::vector<std::string> own_dirs(const ns::ElfFile& elf, const std::string& path) {
  std::vector<std::string> dirs = elf.runpath;
  for (std::string& dir : dirs) {
    for (const std::string_view origin : {"$ORIGIN", "${ORIGIN}"}) {
      const size_t at = dir.find(origin);
      if (at != std::string::npos) dir.replace(at, origin.size(), "/" + parent_of(path));
    }
  }
  return dirs;
}

/// The first file of that name that is for the same processor; empty if there is none.
std::string find_library(const image::Stack& stack, const std::string& name, const ns::ElfFile& elf,
                         const std::vector<std::string>& dirs) {
  for (const std::string& dir : dirs) {
    std::string path = clean_absolute(cat(dir, "/", name));
    const auto found = stack.find(path);
    if (!found) continue;
    const auto other = ns::read_elf(stack.open(*found).get());
    if (other && other->bits == elf.bits && other->machine == elf.machine) return path;
  }
  return {};
}

}  // namespace

std::vector<Library> libraries_of(const image::Stack& stack, const std::string& program,
                                  const std::vector<std::string>& env) {
  const std::vector<std::string> common = common_dirs(stack, env);
  std::vector<Library> all;
  std::set<std::string> known;
  std::vector<std::string> todo = {program};
  while (!todo.empty() && all.size() < max_libraries) {
    const std::string path = todo.back();
    todo.pop_back();
    const auto found = stack.find(path);
    const auto elf = found ? ns::read_elf(stack.open(*found).get()) : std::nullopt;
    if (!elf) continue;
    std::vector<std::string> dirs = own_dirs(*elf, found->path);
    dirs.insert(dirs.end(), common.begin(), common.end());
    for (const std::string& name : elf->needed) {
      if (!known.insert(name).second) continue;
      const bool is_path = name.find('/') != std::string::npos;
      const std::string place =
          find_library(stack, name, *elf, is_path ? std::vector<std::string>{""} : dirs);
      if (!place.empty()) todo.push_back(place);
      all.push_back({name, path, place});
    }
  }
  return all;
}

}  // namespace minirun
