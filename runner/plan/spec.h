// What the container shall be: the image's config and the command line, made one. No flag is looked
// at after this.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/store/store.h"
#include "image/store/view.h"
#include "namespaces/caps.h"
#include "namespaces/user.h"
#include "runner/commands/mounts.h"
#include "runner/commands/options.h"

namespace minirun {

struct ContainerSpec {
  std::string id;    ///< 12 random hexadecimal digits
  std::string name;  ///< --name; may be empty
  std::string hostname;

  // where its parts lie on the host
  std::string store;  ///< the store's root directory
  std::string image;  ///< what people call it
  image::Digest image_id;
  std::vector<image::Digest> chain;   ///< its layers' chain ids
  std::vector<std::string> lower;     ///< the layers' short names, topmost first
  std::optional<std::string> cgroup;  ///< its cgroup directory, where cgroup v2 is mounted
  std::string v1_devices;  ///< of cgroup v1's controller `devices`, where there is only that
  std::vector<std::string> cgroups() const;  ///< those that there are

  // the root directory's own look, as the topmost layer has it
  mode_t root_mode = 0755;
  uid_t root_uid = 0;
  gid_t root_gid = 0;

  // what runs
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string working_dir = "/";
  ns::UserSpec user;
  ns::CapSet caps = 0;

  // its surroundings
  std::vector<MountSpec> mounts;  ///< outer targets first
  bool host_network = false;
  bool read_only = false;
  bool interactive = false;  ///< stdin is the caller's
  std::string hosts;         ///< the text of /etc/hosts
  std::string resolv_conf;

  std::vector<std::string> notes;  ///< what the user should be told, a line each

  bool keep = false;
  bool flush = false;  ///< its layers still have to be flushed to disk
};

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

/// PATH and HOSTNAME < image < env files < -e; the later wins in the place of the earlier. `caller`
/// finds a variable of the caller's, for a K alone.
using FindVariable = std::optional<std::string> (*)(const std::string& name);
std::vector<std::string> environment_of(const Options& options, const image::Config& config,
                                        const std::string& hostname, FindVariable caller);

}  // namespace minirun
