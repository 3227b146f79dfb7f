#include <algorithm>
#include <array>
#include <limits>

#include "runner/base/error.h"
#include "runner/base/text.h"
#include "runner/commands/cli.h"
#include "runner/commands/commands.h"
#include "runner/commands/confinement.h"

namespace minirun::cli {
namespace {

constexpr unsigned run = 1;
constexpr unsigned load = 2;
constexpr unsigned look = 4;  // commands that read an image or an archive
constexpr unsigned layers = 8;
constexpr unsigned file = 16;  // ls and cat
constexpr unsigned explain = 32;
constexpr unsigned clean = 64;
constexpr unsigned other = 128;  // commands that take no option of their own
constexpr unsigned any = ~0U;
constexpr size_t many = std::numeric_limits<size_t>::max();

constexpr std::array<Command, 19> command_table = {{
    {run, "run", "IMAGE [COMMAND [ARG...]]", "make a container from an image and run it", 1, many,
     run_command},
    {load, "load", "ARCHIVE|DIR|-", "verify an image and put it into the store", 1, 1,
     load_command},
    {other, "images", "", "list the images in the store", 0, 0, images_command},
    {other, "rmi", "IMAGE", "remove a name; the last name removes the image", 1, 1, rmi_command},
    {look, "inspect", "IMAGE", "print config and manifest as JSON", 1, 1, inspect_command},
    {look, "history", "IMAGE", "print how it was built, one line per layer", 1, 1, history_command},
    {look | layers, "layers", "IMAGE", "list layers: digests, size, changes", 1, 1, layers_command},
    {look | file, "ls", "IMAGE PATH", "list a directory, and the layer of each name", 2, 2,
     ls_command},
    {look | file, "cat", "IMAGE PATH", "print a file of the image", 2, 2, cat_command},
    {run, "why", "IMAGE [COMMAND [ARG...]]", "say what it needs to start, and what is missing", 1,
     many, why_command},
    {other, "containers", "", "list running and kept containers", 0, 0, containers_command},
    {other, "diff", "CONTAINER", "list what it added (A), changed (C), deleted (D)", 1, 1,
     diff_command},
    {other, "rm", "CONTAINER", "remove a kept container", 1, 1, rm_command},
    {other, "volumes", "", "list the named volumes", 0, 0, volumes_command},
    {other, "volume", "rm NAME", "remove a volume and its files", 2, 2, volume_command},
    {explain, "explain", "[STEP|WORD] | --pid PID", "explain a step, a term or a process", 0, 3,
     explain_command},
    {clean, "gc", "", "remove what killed runners left (each start does)", 0, 0, gc_command},
    {other, "version", "", "print the version", 0, 0, version_command},
    {other, "help", "", "print this help", 0, 0, help_command},
}};

/// "30", or "-1" for no end.
int parse_seconds(const std::string& text) {
  if (text == "-1") return -1;
  constexpr uint64_t a_year = 365UL * 86400;
  const auto number = parse_number(text, a_year);
  if (!number) {
    throw UsageError(cat("--stop-timeout ", text, ": not a number of seconds"),
                     "a whole number, or -1 for no end");
  }
  return static_cast<int>(*number);
}

/// Bytes, or "-1" for no limit.
void set_memory_swap(Options& options, const std::string& text) {
  if (text == "-1") {
    options.resources.unlimited_swap = true;
  } else {
    options.resources.memory_and_swap = parse_size(text, "--memory-swap");
  }
}

uint64_t parse_shares(const std::string& text) {
  const auto number = parse_number(text, 262144);
  if (!number || *number < 2) {
    throw UsageError(cat("--cpu-shares ", text, ": not a number from 2 to 262144"),
                     "1024 is usual; twice as much is twice the time where processors are short");
  }
  return *number;
}

int parse_oom_score(const std::string& text) {
  const bool is_negative = text.starts_with('-');
  const auto number = parse_number(std::string_view(text).substr(is_negative ? 1 : 0), 1000);
  if (!number) {
    throw UsageError(cat("--oom-score-adj ", text, ": not a number from -1000 to 1000"),
                     "1000: killed first; -1000: never");
  }
  return is_negative ? -static_cast<int>(*number) : static_cast<int>(*number);
}

const Option option_table[] = {
    {"image", 0, "NAME:TAG", run | load | look, "which image, if the archive has several",
     [](Options& o, const std::string& v) { o.image_name = v; }},
    {"platform", 0, "OS/ARCH", run | load | look, "which platform, if there are several",
     [](Options& o, const std::string& v) { o.platform = v; }},
    {"max-size", 0, "SIZE", run | load, "refuse an image that unpacks to more (512m, 2g)",
     [](Options& o, const std::string& v) { o.max_size = parse_size(v, "--max-size"); }},
    {"entrypoint", 0, "PROGRAM", run, "replace the Entrypoint, drop the Cmd; \"\": drop both",
     [](Options& o, const std::string& v) { o.entrypoint = v; }, false, true},
    {"env", 'e', "K=V", run, "set a variable; K alone: your value of K",
     [](Options& o, const std::string& v) { o.env.push_back(v); }, true},
    {"env-file", 0, "FILE", run, "read variables from a file, one K=V per line",
     [](Options& o, const std::string& v) { o.env_files.push_back(v); }, true},
    {"workdir", 'w', "DIR", run, "working directory inside; made if missing",
     [](Options& o, const std::string& v) { o.workdir = v; }},
    {"user", 'u', "USER[:GROUP]", run, "run as this user (name or id in the image)",
     [](Options& o, const std::string& v) { o.user = v; }, false, true},
    {"volume", 'v', "SRC:DST[:ro]", run, "mount a directory (./x, /x) or a volume on DST",
     [](Options& o, const std::string& v) { o.volumes.push_back(v); }, true},
    {"mount", 0, "type=...", run, "type=bind|volume|tmpfs,src=SRC,dst=DST",
     [](Options& o, const std::string& v) { o.mounts.push_back(v); }, true},
    {"tmpfs", 0, "DST[:OPTS]", run, "mount an empty directory in memory on DST",
     [](Options& o, const std::string& v) { o.tmpfs.push_back(v); }, true},
    {"read-only", 0, nullptr, run, "the root is read-only; volumes stay writable",
     [](Options& o, const std::string&) { o.read_only = true; }},
    {"hostname", 'h', "NAME", run, "hostname; the default is the container's id",
     [](Options& o, const std::string& v) { o.hostname = v; }},
    {"name", 0, "NAME", run, "name the container, for diff and rm",
     [](Options& o, const std::string& v) { o.name = v; }},
    {"network", 0, "none|host", run, "none: loopback only (default); host: the host's",
     [](Options& o, const std::string& v) { o.network = v; }},
    {"cap-add", 0, "CAP", run, "give a capability (NET_RAW, SYS_PTRACE ...; ALL)",
     [](Options& o, const std::string& v) { o.cap_add.push_back(v); }, true},
    {"cap-drop", 0, "CAP", run, "take a capability (or ALL)",
     [](Options& o, const std::string& v) { o.cap_drop.push_back(v); }, true},
    {"security-opt", 0, "WORD=VALUE", run, "no-new-privileges=false, seccomp=unconfined ...",
     [](Options& o, const std::string& v) { o.security_opts.push_back(v); }, true},
    {"privileged", 0, nullptr, run, "take nearly all guards away: root inside is root",
     [](Options& o, const std::string&) { o.privileged = true; }},
    {"device", 0, "DEV[:PATH][:rwm]", run, "give a device of the host's",
     [](Options& o, const std::string& v) { o.devices.push_back(v); }, true},
    {"pid", 0, "host|PID", run | explain, "host: see the host's processes; of explain: which one",
     [](Options& o, const std::string& v) { o.pid = v; }},
    {"ipc", 0, "host", run, "share the host's queues and /dev/shm",
     [](Options& o, const std::string& v) { o.ipc_mode = v; }},
    {"uts", 0, "host", run, "share the host's hostname",
     [](Options& o, const std::string& v) { o.uts_mode = v; }},
    {"cgroupns", 0, "host", run, "see the host's cgroups",
     [](Options& o, const std::string& v) { o.cgroupns_mode = v; }},
    {"memory", 'm', "SIZE", run, "all its processes together (64m, 1g)",
     [](Options& o, const std::string& v) { o.resources.memory = parse_size(v, "--memory"); }},
    {"memory-swap", 0, "SIZE", run, "memory and swap together; -1: swap without limit",
     set_memory_swap},
    {"memory-reservation", 0, "SIZE", run, "this much is taken away last",
     [](Options& o, const std::string& v) {
       o.resources.memory_reservation = parse_size(v, "--memory-reservation");
     }},
    {"cpus", 0, "NUMBER", run, "processor time: 0.5 is half of one processor",
     [](Options& o, const std::string& v) { o.resources.cpu_quota = parse_cpus(v); }},
    {"cpu-shares", 0, "NUMBER", run, "a weight where processors are short (1024)",
     [](Options& o, const std::string& v) { o.resources.cpu_shares = parse_shares(v); }},
    {"cpuset-cpus", 0, "LIST", run, "only these processors: 0-2,4",
     [](Options& o, const std::string& v) { o.resources.cpus = parse_cpu_list(v); }},
    {"pids-limit", 0, "NUMBER", run, "processes and threads at a time; -1: no limit",
     [](Options& o, const std::string& v) { o.resources.pids = parse_pids(v); }},
    {"ulimit", 0, "NAME=SOFT[:HARD]", run, "a limit of setrlimit(2): nofile=1024:2048",
     [](Options& o, const std::string& v) { o.ulimits.push_back(v); }, true},
    {"shm-size", 0, "SIZE", run, "of /dev/shm; 64m",
     [](Options& o, const std::string& v) { o.shm_size = parse_size(v, "--shm-size"); }},
    {"oom-score-adj", 0, "NUMBER", run, "1000: killed first; -1000: never",
     [](Options& o, const std::string& v) { o.oom_score_adj = parse_oom_score(v); }},
    {"interactive", 'i', nullptr, run, "your standard input goes to the program",
     [](Options& o, const std::string&) { o.interactive = true; }},
    {"tty", 't', nullptr, run, "a terminal of its own (no detach keys); -it for a shell",
     [](Options& o, const std::string&) { o.terminal = true; }},
    {"init", 0, nullptr, run, "a small init as pid 1: reaps, and passes signals on",
     [](Options& o, const std::string&) { o.init = true; }},
    {"sig-proxy", 0, nullptr, run, "=false: pass no signals on; TERM and Ctrl-C end it",
     [](Options& o, const std::string&) { o.sig_proxy = false; }, false, false, nullptr, true},
    {"stop-signal", 0, "SIGNAL", run, "what the program gets at TERM, not the image's",
     [](Options& o, const std::string& v) { o.stop_signal = v; }},
    {"stop-timeout", 0, "SECONDS", run, "from TERM until KILL: 10; -1 is for ever",
     [](Options& o, const std::string& v) { o.stop_timeout = parse_seconds(v); }},
    {"keep", 0, nullptr, run, "keep what the program wrote; print the id",
     [](Options& o, const std::string&) { o.keep = true; }},
    {"rm", 0, nullptr, run, "no effect: minirun always removes, unless --keep",
     [](Options& o, const std::string&) { o.rm = true; }},
    {"debug", 'D', nullptr, run, "print a line per step; =full or -DD: everything",
     [](Options& o, const std::string& value) {
       o.debug_full = value == "full" || o.debug;
       o.debug = true;
     },
     true, false, "full"},
    {"step", 0, nullptr, run, "print each step and ask before it: shells, undo",
     [](Options& o, const std::string&) { o.step = true; }},
    {"dry-run", 0, nullptr, run, "print the steps, do none of them; needs no root",
     [](Options& o, const std::string&) { o.dry_run = true; }},
    {"print-script", 0, nullptr, run, "print a shell script that makes the same container",
     [](Options& o, const std::string&) { o.print_script = true; }},
    {"trace", 0, "FILE", run, "write a line of JSON for each step",
     [](Options& o, const std::string& v) { o.trace = v; }},
    {"report", 0, "FILE.html", run | layers, "write a page: layers, steps, namespaces, mounts",
     [](Options& o, const std::string& v) { o.report = v; }},
    {"skip", 0, "STEP", run, "leave this step out, to see what it is for",
     [](Options& o, const std::string& v) { o.skip.push_back(v); }, true},
    {"yes-break-it", 0, nullptr, run, "allow --skip without a terminal",
     [](Options& o, const std::string&) { o.yes_break_it = true; }},
    {"layer", 0, "N", file, "only layer N; 1 is the lowest",
     [](Options& o, const std::string& v) { o.layer = v; }},
    {"json", 0, nullptr, explain, "print JSON",
     [](Options& o, const std::string&) { o.json = true; }},
    {"check", 0, nullptr, clean, "only list what belongs to nothing, with its size",
     [](Options& o, const std::string&) { o.check = true; }},
    {"break-after", 0, "STEP", run, "fail after this step, to see the undo",
     [](Options& o, const std::string& v) { o.break_after = v; }},
    {"root", 0, "DIR", any, "the store, or MINIRUN_ROOT (/var/lib/minirun)",
     [](Options& o, const std::string& v) { o.root = v; }},
    {"help", 0, nullptr, any, "print this help", [](Options&, const std::string&) {}},
    {"version", 0, nullptr, any, "print the version", [](Options&, const std::string&) {}},
};

constexpr const char* no_daemon = "minirun has no daemon that could do this";
constexpr std::array<Refused, 18> refused_table = {{
    {"-d", no_daemon, "start it in the background with your shell: minirun IMAGE &"},
    {"--detach", no_daemon, "start it in the background with your shell: minirun IMAGE &"},
    {"-p", "a container has no network but its own loopback",
     "--network host gives it the host's network, with all ports"},
    {"-P", "a container has no network but its own loopback",
     "--network host gives it the host's network, with all ports"},
    {"--publish", "a container has no network but its own loopback",
     "--network host gives it the host's network, with all ports"},
    {"--publish-all", "a container has no network but its own loopback",
     "--network host gives it the host's network, with all ports"},
    {"--expose", "a container has no network but its own loopback",
     "--network host gives it the host's network, with all ports"},
    {"--link", "containers have no network between them",
     "--network host gives each the host's network"},
    {"--restart", no_daemon, "use a shell loop or a systemd unit"},
    {"--pull", "minirun never uses a registry",
     "save the image on a machine with docker or podman, and give minirun the archive"},
    {"--health-cmd", no_daemon, "run the check yourself"},
    {"--health-interval", no_daemon, "run the check yourself"},
    {"--no-healthcheck", no_daemon, "leave the option out: minirun has no health checks"},
    {"--log-driver", no_daemon, "the program writes to your standard output: redirect that"},
    {"--log-opt", no_daemon, "the program writes to your standard output: redirect that"},
    {"--runtime", "minirun itself is the runtime", "leave the option out"},
    {"--gpus", "a GPU needs its vendor's runtime", "leave the option out"},
    {"--volumes-from", "minirun can't take the volumes of another container",
     "name each volume with -v"},
}};

template <typename Table>
auto find_row(const Table& table, std::string_view name) -> decltype(&*std::begin(table)) {
  const auto row = std::find_if(std::begin(table), std::end(table),
                                [name](const auto& candidate) { return name == candidate.name; });
  return row == std::end(table) ? nullptr : &*row;
}

}  // namespace

std::span<const Command> commands() { return command_table; }
std::span<const Option> options() { return option_table; }
const Command* find_command(std::string_view name) { return find_row(command_table, name); }
const Refused* find_refused(std::string_view name) { return find_row(refused_table, name); }

}  // namespace minirun::cli
