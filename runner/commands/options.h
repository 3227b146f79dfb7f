// The options and arguments of the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/resources.h"

namespace minirun {

/// All options of all commands. The table in tables.cpp says which command has which options.
struct Options {
  std::string command = "run";         ///< "run", "load", "images"...
  std::vector<std::string> arguments;  ///< what follows the options: IMAGE, COMMAND...

  // every command
  std::string root;  ///< --root, else MINIRUN_ROOT, else /var/lib/minirun

  // choosing and loading an image
  std::string image_name;
  std::string platform;
  uint64_t max_size = 0;  ///< bytes; 0: as much as is free on the store's file system

  // what runs
  std::optional<std::string> entrypoint;  ///< an empty string clears the image's Entrypoint
  std::vector<std::string> env;
  std::vector<std::string> env_files;
  std::vector<std::string> env_file_words;  ///< content of env_files (a FIFO is read only once)
  std::string workdir;
  std::string user;

  // its surroundings
  std::string hostname;
  std::string name;
  std::string network = "none";
  std::vector<std::string> volumes;  ///< -v
  std::vector<std::string> mounts;   ///< --mount
  std::vector<std::string> tmpfs;
  bool read_only = false;
  bool interactive = false;
  bool terminal = false;

  // what it may do
  std::vector<std::string> cap_add;
  std::vector<std::string> cap_drop;
  std::vector<std::string> security_opts;
  bool privileged = false;
  std::string pid;  ///< these four: "host"; empty: a namespace of its own. Of explain: a pid
  std::string ipc_mode;
  std::string uts_mode;
  std::string cgroupns_mode;

  // what it may use
  ns::Resources resources;
  std::vector<std::string> devices;
  std::vector<std::string> ulimits;
  std::optional<uint64_t> shm_size;  ///< bytes
  std::optional<int> oom_score_adj;

  // its life
  bool init = false;
  bool sig_proxy = true;
  std::string stop_signal;          ///< a name or number; empty: the image's, or TERM
  std::optional<int> stop_timeout;  ///< seconds
  bool keep = false;
  bool rm = false;

  // to see what happens
  bool debug = false;
  bool debug_full = false;
  bool step = false;
  bool dry_run = false;
  bool print_script = false;
  std::string trace;              ///< a file
  std::string report;             ///< a file; of run and layers
  std::vector<std::string> skip;  ///< step ids
  bool yes_break_it = false;      ///< --skip without a terminal
  std::string break_after;        ///< a step id

  // looking at an image, or at a process
  std::string layer;  ///< of ls and cat: a number, from 1 (the lowest)
  bool json = false;

  bool check = false;  ///< of gc
};

}  // namespace minirun
