// What was asked for on the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace minirun {

/// All options of all commands; each command takes those that the table in cli.cpp allows it.
struct Options {
  std::string command = "run";         ///< "run", "load", "images"...
  std::vector<std::string> arguments;  ///< what follows the options: IMAGE, COMMAND...

  // every command
  std::string root;  ///< --root, else MINIRUN_ROOT, else /var/lib/minirun

  // choosing and loading an image
  std::string image_name;
  std::string platform;
  uint64_t max_size = 0;  ///< bytes; 0: what the store's file system has free

  // what runs
  std::optional<std::string> entrypoint;  ///< given and empty: the image's is cleared
  std::vector<std::string> env;
  std::vector<std::string> env_files;
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

  // its life
  bool keep = false;
  bool rm = false;
  std::string break_after;
};

}  // namespace minirun
