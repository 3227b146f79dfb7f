// A store with layers, and a container's directories in it: what the root tests of mount/ mount.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mount/overlay.h"
#include "runner/base/live.h"
#include "tests/unit/scratch.h"

namespace minirun::scratch {

class Box {
 public:
  explicit Box(std::string store) : store_(std::move(store)) {
    for (const char* name : {"/overlay2/l", "/volumes", "/c/diff", "/c/work", "/c/merged"}) {
      std::filesystem::create_directories(store_ + name);
    }
    layer("A");
  }

  /// Makes a layer below all others; returns its directory.
  std::string layer(const std::string& name) {
    const std::string diff = store_ + "/overlay2/" + name + "/diff";
    std::filesystem::create_directories(diff);
    std::filesystem::create_directory_symlink("../" + name + "/diff",
                                              store_ + "/overlay2/l/" + name);
    lower_.push_back("l/" + name);
    return diff;
  }
  std::string image() const { return store_ + "/overlay2/A/diff"; }
  std::string merged() const { return store_ + "/c/merged"; }
  std::string upper() const { return store_ + "/c/diff"; }
  std::string volumes() const { return store_ + "/volumes"; }

  mount::Overlay overlay() const {
    return {store_ + "/overlay2", lower_, upper(), store_ + "/c/work", merged()};
  }
  void start() { overlay().apply(live); }

  Live live;

 private:
  std::string store_;
  std::vector<std::string> lower_;
};

/// The calling thread's own mounts. (/proc/self is the process, that is its first thread.)
inline std::string mountinfo() { return read_file("/proc/thread-self/mountinfo"); }

/// The line of the mount at `point`; empty if there is none.
inline std::string mount_at(const std::string& point) {
  std::istringstream lines(mountinfo());
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" " + point + " ") != std::string::npos) found = line;
  }
  return found;
}

}  // namespace minirun::scratch
