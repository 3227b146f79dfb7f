// Why a program of an image can't be started, seen in the image's files. The kernel says one errno
// for many causes: ENOENT is a missing program, a missing loader, or a missing #! interpreter.
//
// Source: execve(2), ERRORS, "Interpreter scripts"; path_resolution(7); capabilities(7), "File
// capabilities"; ld.so(8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/layer/stack.h"
#include "runner/plan/spec.h"

namespace minirun {

/// The layers' directories that a container's specification names, topmost first.
std::vector<std::string> diffs_of(const ContainerSpec& spec);

/// What execve(2) would do with the program of a specification, judged by the image's files alone:
/// bind mounts and volumes are not looked at.
class Program {
 public:
  /// `spec` and `stack` must outlive it.
  Program(const ContainerSpec& spec, const image::Stack& stack);

  /// Why it can't be executed, as one sentence with what to do; nullopt if the image is not the
  /// reason.
  const std::optional<std::string>& problem() const { return problem_; }

  /// False if a mount of the user's lies over a place where the program is looked for.
  bool is_seen() const;

  /// What was found on the way, a file each: the program, the interpreters of scripts, the loader.
  struct Part {
    std::string role;  ///< "program", "interpreter", "loader"
    std::string path;  ///< as it is named
    size_t layer;      ///< index into the stack
  };
  const std::vector<Part>& parts() const { return parts_; }
  /// The file that the kernel executes in the end: the program, or the last interpreter. Empty if
  /// there is none.
  std::string executed() const;

 private:
  std::optional<std::string> look_for_program();
  std::optional<std::string> examine(const std::string& path, const std::string& role, int level);
  std::optional<std::string> examine_script(const std::string& path, std::string_view line,
                                            int level);
  std::optional<std::string> examine_elf(const std::string& path, int fd, int level);
  std::string not_reached(const std::string& path) const;
  std::optional<std::string> forbidden(const std::string& path,
                                       const image::Stack::Found& found) const;
  bool may_execute(const struct stat& status) const;
  std::string not_found_in_path() const;
  std::string hidden_by_a_layer(const std::string& path) const;
  std::vector<std::string> path_dirs() const;

  const ContainerSpec& spec_;
  const image::Stack& stack_;
  std::vector<Part> parts_;
  std::optional<std::string> problem_;
};

}  // namespace minirun
