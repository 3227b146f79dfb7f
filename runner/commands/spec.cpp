#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include "namespaces/signals.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/locked_dir.h"
#include "runner/base/text.h"
#include "runner/commands/confinement.h"
#include "runner/commands/make_spec.h"
#include "runner/commands/mounts.h"

namespace minirun {

std::vector<std::string> command_of(const Options& options, const image::Config& config) {
  std::vector<std::string> argv;
  if (!options.entrypoint) {
    argv = config.entrypoint;
  } else if (!options.entrypoint->empty()) {
    argv = {*options.entrypoint};
  }
  const std::vector<std::string> command(options.arguments.begin() + 1, options.arguments.end());
  const bool image_cmd = command.empty() && !options.entrypoint;
  const std::vector<std::string>& rest = image_cmd ? config.cmd : command;
  argv.insert(argv.end(), rest.begin(), rest.end());
  if (argv.empty()) {
    throw UsageError("the image names no program to run (neither Entrypoint nor Cmd)",
                     cat("say one: minirun ", options.arguments.front(), " COMMAND"));
  }
  if (argv.front().empty()) throw UsageError("the program's name is empty");
  return argv;
}

namespace {

std::optional<std::string> caller_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets any
  if (value == nullptr) return std::nullopt;
  return value;
}

void set_home_if_unset(std::vector<std::string>& env, const std::string& home) {
  const auto is_home = [](const std::string& variable) {
    return variable == "HOME" || variable.starts_with("HOME=");
  };
  const auto at = std::find_if(env.begin(), env.end(), is_home);
  if (at == env.end()) {
    env.push_back(cat("HOME=", home));
  } else if (*at == "HOME=" || *at == "HOME") {
    *at = cat("HOME=", home);
  }
}

std::string working_dir_of(const Options& options, const image::Config& config) {
  const std::string& dir = options.workdir.empty() ? config.working_dir : options.workdir;
  if (dir.empty()) return "/";
  return clean_absolute(dir);  // an image's may be relative, to "/"
}

/// The image's own Volumes get an anonymous volume each, unless the user mounts something there.
/// Their paths were chosen by the image's maker: "/../../etc" is "/etc" inside, and what minirun
/// needs for itself stays minirun's.
void add_image_volumes(std::vector<MountSpec>& mounts, const image::Config& config) {
  std::unordered_set<std::string> targets;
  for (const MountSpec& mount : mounts) targets.insert(mount.target);
  for (const std::string& volume : config.volumes) {
    MountSpec mount;
    mount.kind = MountSpec::Kind::volume;
    mount.target = clean_absolute(volume);
    if (!targets.insert(mount.target).second) continue;
    check_target(mount.target, cat("the image's Volumes, ", volume));
    mounts.push_back(std::move(mount));
  }
  sort_by_depth(mounts);
}

std::optional<struct stat> stat_behind_links(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == -1) return std::nullopt;
  return status;
}

void check_source(const MountSpec& mount) {
  if (stat_behind_links(mount.source)) return;
  throw UsageError(cat("--mount: the source ", mount.source, " does not exist"),
                   "make it, or use -v, which makes a directory");
}

/// Decides what becomes of sources that aren't there, and tells what a person may not expect.
void look_at_sources(ContainerSpec& spec) {
  for (MountSpec& mount : spec.mounts) {
    if (mount.kind == MountSpec::Kind::volume) {
      if (!mount.anonymous && files::stat_at(AT_FDCWD, mount.source)) {
        spec.notes.push_back(
            cat("-v ", mount.source,
                " is the volume of that name, not the directory here; for that: ./", mount.source));
      }
    } else if (mount.kind == MountSpec::Kind::bind) {
      if (!mount.make_source) check_source(mount);
      const auto source = stat_behind_links(mount.source);
      mount.make_source = !source;
      if (!source) spec.notes.push_back(cat(mount.source, " does not exist: made as a directory"));
      if (source && (S_ISCHR(source->st_mode) || S_ISBLK(source->st_mode))) {
        spec.notes.push_back(cat(mount.source,
                                 " is a device, and can't be opened inside: only /dev has "
                                 "devices in a container"));
      }
    }
  }
}

std::string host_name() {
  utsname name{};
  check(::uname(&name), "uname");
  return name.nodename;
}

/// Whether a line of hosts(5) has that name.
bool names_host(std::string_view text, std::string_view name) {
  for (std::string_view line : split(text, '\n')) {
    line = line.substr(0, line.find('#'));
    for (size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
      const size_t end = at + name.size();
      const auto blank = [&](size_t i) { return line[i] == ' ' || line[i] == '\t'; };
      if (at > 0 && blank(at - 1) && (end == line.size() || blank(end))) return true;
    }
  }
  return false;
}

/// Java's getLocalHost and sudo look the container's own name up.
std::string hosts_text(const Options& options, const std::string& hostname) {
  const std::string own = cat("127.0.0.1\t", hostname, "\n");
  if (options.network != "host") {
    return cat("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n", own);
  }
  std::string text = files::read_file(AT_FDCWD, "/etc/hosts");
  if (!text.empty() && text.back() != '\n') text += '\n';
  return names_host(text, hostname) ? text : text + own;
}

std::string resolv_conf_text(const Options& options) {
  if (options.network == "host" && files::stat_at(AT_FDCWD, "/etc/resolv.conf")) {
    return files::read_file(AT_FDCWD, "/etc/resolv.conf");
  }
  return "# no network: minirun ran this with --network none\n";
}

void check_network(const Options& options) {
  if (options.network == "none" || options.network == "host") return;
  throw UsageError(cat("--network ", options.network, ": minirun has none and host"),
                   "none: a network namespace with loopback only; host: the host's network");
}

void set_network(const Options& options, const image::Config& config, ContainerSpec& spec) {
  spec.host_network = options.network == "host";
  if (!spec.host_network && !config.exposed_ports.empty()) {
    spec.notes.push_back(
        cat("the image exposes ", config.exposed_ports.front(),
            config.exposed_ports.size() > 1 ? " and more" : "",
            ", and nothing outside can reach it; --network host gives it your network"));
  }
}

void check_name(std::string_view name, std::string_view option, size_t longest) {
  static constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  if (name.size() > longest || name.find_first_not_of(allowed) != std::string_view::npos ||
      name.find_first_of("_.-") == 0) {
    throw UsageError(cat(option, " ", name, ": not a name"),
                     cat("letters, digits, _ . - and no more than ", longest, " of them"));
  }
}

ns::UserSpec user_of(const Options& options, const image::Config& config, const image::View& view) {
  const std::string& user = options.user.empty() ? config.user : options.user;
  const std::string passwd = view.read("/etc/passwd").value_or("");
  // Root with no group asked for is who the runner is: without /etc/group nothing changes but the
  // groups that list root.
  const std::string group = view.read("/etc/group").value_or("");
  return ns::resolve_user(user, passwd, group);
}

/// The image's maker may have written nonsense; the command line may not.
int stop_signal_of(const Options& options, const image::Config& config, ContainerSpec& spec) {
  const std::string& text = options.stop_signal.empty() ? config.stop_signal : options.stop_signal;
  if (text.empty()) return SIGTERM;
  if (const auto signal = ns::parse_signal(text)) return *signal;
  spec.notes.push_back(cat("the image's StopSignal ", text, " is no signal; TERM is used"));
  return SIGTERM;
}

}  // namespace

Options checked(Options options) {
  check_name(options.name, "--name", 128);
  check_name(options.hostname, "--hostname", 63);
  check_network(options);
  check_confinement(options);
  if (!options.stop_signal.empty() && !ns::parse_signal(options.stop_signal)) {
    throw UsageError(cat("--stop-signal ", options.stop_signal, ": no such signal"),
                     "a name or a number, as kill -l lists them: TERM, SIGQUIT, 3, RTMIN+3");
  }
  if (!options.workdir.empty() && !options.workdir.starts_with('/')) {
    throw UsageError(cat("-w ", options.workdir, ": not an absolute path"), "-w /dir");
  }
  for (const MountSpec& mount : parse_mounts(options, files::current_dir())) {
    if (mount.kind == MountSpec::Kind::bind && !mount.make_source) check_source(mount);
  }
  for (const std::string& word : options.env) check_variable(word, cat("-e ", word));
  for (const std::string& file : options.env_files) read_env_file(file, options.env_file_words);
  return options;
}

ContainerSpec make_spec(const Options& options, const image::View& view,
                        const image::Image& image) {
  ContainerSpec spec;
  spec.id = files::random_hex(12);
  spec.name = options.name;
  spec.hostname = !options.hostname.empty()                                 ? options.hostname
                  : options.network == "host" || options.uts_mode == "host" ? host_name()
                                                                            : spec.id;

  spec.store = view.store;
  spec.image = image.names.empty() ? image.id.short_hex() : image.names.front();
  spec.image_id = image.id;
  spec.chain = image.chain;
  spec.lower = view.lower;
  // Docker gives / no mode of a layer's, and a builder that packs a directory of mktemp(1), which
  // is 0700, never means to lock its own user out.
  spec.root_mode = view.root_mode | 0555;
  spec.root_uid = view.root_uid;
  spec.root_gid = view.root_gid;

  spec.argv = command_of(options, image.config);
  spec.env = environment_of(options, image.config, spec.hostname, caller_variable);
  spec.working_dir = working_dir_of(options, image.config);
  spec.user = user_of(options, image.config, view);
  set_home_if_unset(spec.env, spec.user.home);
  confine(options, spec);

  if (const auto& dropped = image.config.dropped_env; !dropped.empty()) {
    spec.notes.push_back(cat("the image's Env has entries without =, left out: ", dropped.front(),
                             dropped.size() > 1 ? " and more" : ""));
  }
  set_network(options, image.config, spec);
  spec.mounts = parse_mounts(options, files::current_dir());
  add_image_volumes(spec.mounts, image.config);
  for (MountSpec& mount : spec.mounts) {
    if (mount.kind == MountSpec::Kind::volume && mount.source.empty()) {
      mount.anonymous = true;
      mount.source = files::random_hex(64);
    }
  }
  look_at_sources(spec);
  spec.hosts = hosts_text(options, spec.hostname);
  spec.resolv_conf = resolv_conf_text(options);
  spec.read_only = options.read_only;
  spec.interactive = options.interactive;
  spec.terminal = options.terminal;
  spec.init = options.init;
  spec.sig_proxy = options.sig_proxy;
  spec.stop_signal = stop_signal_of(options, image.config, spec);
  spec.stop_timeout = options.stop_timeout.value_or(spec.stop_timeout);
  spec.keep = options.keep;
  spec.flush = !image.durable;
  return spec;
}

}  // namespace minirun
