// From the image's config and the command line to a specification. No flag is looked at after this.
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

/// What can be said of the options before an image is looked at, so that nothing is made for a
/// typing error; the words of --env-file are read. Throws UsageError.
Options checked(Options options);

/// Puts it together. Looks users up in the image's files, reads the caller's environment. Throws
/// UsageError (no command, unknown user), ImageError (the config can't be obeyed).
ContainerSpec make_spec(const Options& options, const image::View& view, const image::Image& image);

/// Entrypoint and Cmd as Docker joins them: --entrypoint replaces the one and clears the other,
/// COMMAND replaces Cmd.
std::vector<std::string> command_of(const Options& options, const image::Config& config);

/// Throws UsageError that begins with `where` if it has no name.
void check_variable(const std::string& word, std::string_view where);
/// Adds the words of a file in Docker's format: a K=V or K a line; "#" begins a comment line;
/// nothing is unquoted. It may be a FIFO: <(command). Throws UsageError.
void read_env_file(const std::string& path, std::vector<std::string>& words);

/// PATH, HOSTNAME and with -t TERM < image < env files < -e; the later wins in the place of the
/// earlier. `caller` finds a variable of the caller's, for a K alone.
using FindVariable = std::optional<std::string> (*)(const std::string& name);
std::vector<std::string> environment_of(const Options& options, const image::Config& config,
                                        const std::string& hostname, FindVariable caller);

}  // namespace minirun
