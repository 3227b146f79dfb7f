// Loads an image from an archive into the store: the first half of what minirun does.
//
//     survey    list the members (and, in a stream, read them)
//     manifest  read which images there are; choose one
//     config    read which layers it has, and its platform
//     layers    each verified (blob digest, then diff id) and unpacked, lowest first;
//               one already there is only verified
//     commit    layers by rename, then the image, then its names
//
// If anything in the archive is wrong, it throws ImageError, and the store stays as it was.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/store/store.h"

namespace minirun::image {

/// The parts of loading, in order.
inline constexpr std::array<std::string_view, 5> load_record_ids = {
    "open-archive", "read-manifest", "read-config", "unpack-layer", "commit"};

/// One part of loading, told when it is done. It has the same form as a step.
struct LoadRecord {
  std::string_view id;  ///< one of load_record_ids
  size_t number = 0;
  size_t of = 0;  ///< 0 until the config was read: only then the number of layers is known
  std::string_view why;
  std::string_view see;
  std::vector<std::string> calls;  ///< as for a step; calls that are made for each file come once
  std::string shell;               ///< what a person would type
  std::string look;                ///< a command that shows the effect; may be empty
  std::string result;              ///< "diff id 2b0e9bd3fa45 verified, 4 tar members, 684 kB"
  std::chrono::microseconds took{};
};

struct LoadOptions {
  std::string image_name;            ///< --image NAME:TAG; empty: the archive's only image
  std::optional<Platform> platform;  ///< --platform; else the host's
  bool all = false;       ///< `minirun load`: every image of the archive (for the platform)
  uint64_t max_size = 0;  ///< --max-size in bytes; 0: as much as is free on the file system
  std::function<void(std::string_view id)> begins;  ///< before each record; may be empty
  std::function<void(const LoadRecord&)> tell;      ///< may be empty
  std::function<void(uint64_t done, uint64_t total)>
      progress;                                  ///< bytes of the archive; total 0 if unknown
  std::function<void(const std::string&)> warn;  ///< a line; each fact once per load
};

/// Loads `path` (a file, a directory or "-"), and returns the images that were chosen. If stat(2)
/// says that the file was loaded before, reads nothing. Throws ImageError, UsageError (there are
/// several images and none was chosen; the error lists them), SysError.
std::vector<Image> load(Store& store, const std::string& path, const LoadOptions& options);

/// The images of `path` that the store has already, found by stat(2) alone; nullopt if the archive
/// has to be read. Changes nothing.
std::optional<std::vector<Image>> find_loaded(const Store& store, const std::string& path,
                                              const LoadOptions& options);

}  // namespace minirun::image
