// Makes a specification from the image's config and the command line. Later code doesn't read the
// options.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/store/store.h"
#include "image/store/view.h"
#include "runner/commands/options.h"
#include "runner/plan/spec.h"

namespace minirun {

/// Checks what can be checked before an image is read, so a typing error changes nothing on disk.
/// Also reads the words of --env-file. Throws UsageError.
Options checked(Options options);

/// Makes the specification. Looks users up in the image's files and reads the caller's environment.
/// Throws UsageError (no command, unknown user) and ImageError (the config asks for something that
/// can't be done).
ContainerSpec make_spec(const Options& options, const image::View& view, const image::Image& image);

/// Joins Entrypoint and Cmd as Docker does: --entrypoint replaces Entrypoint and clears Cmd;
/// COMMAND replaces Cmd.
std::vector<std::string> command_of(const Options& options, const image::Config& config);

/// Throws UsageError that begins with `where` if the variable has no name.
void check_variable(const std::string& word, std::string_view where);
/// Adds the words of a file in Docker's format: each line is K=V or K; a line that begins with "#"
/// is a comment; quotes stay part of the value. The file may be a FIFO: <(command). Throws
/// UsageError.
void read_env_file(const std::string& path, std::vector<std::string>& words);

/// PATH, HOSTNAME and with -t TERM < image < env files < -e. If a name comes twice, the later value
/// replaces the earlier one. `caller` finds a variable of the caller's, for a K without a value.
using FindVariable = std::optional<std::string> (*)(const std::string& name);
std::vector<std::string> environment_of(const Options& options, const image::Config& config,
                                        const std::string& hostname, FindVariable caller);

}  // namespace minirun
