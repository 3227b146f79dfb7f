// From an archive to an image in the store: the first half of what minirun does.
//
//     survey    which members are there (and, in a stream, what they hold)
//     manifest  which images they make; choose one
//     config    which layers it takes, for which platform
//     layers    each verified (blob digest, then diff id) and unpacked, lowest first;
//               one already there is only verified
//     commit    layers by rename, then the image, then its names
//
// Anything that is wrong is an ImageError, and the store is as it was.
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

/// What loading tells of, in the order in which it is done first.
inline constexpr std::array<std::string_view, 5> load_record_ids = {
    "open-archive", "read-manifest", "read-config", "unpack-layer", "commit"};

/// One thing that loading did, told as it happens: the same shape as a step's.
struct LoadRecord {
  std::string_view id;  ///< one of load_record_ids
  size_t number = 0;
  size_t of = 0;  ///< 0 until the config was read: a stream's list is known only as it goes
  std::string_view why;
  std::string_view see;
  std::vector<std::string> calls;  ///< as a step's; what is done for each file stands once
  std::string shell;               ///< what a person would type
  std::string look;                ///< where the effect can be seen; may be empty
  std::string result;              ///< "diff id 2b0e9bd3fa45 verified, 4 tar members, 684 kB"
  std::chrono::microseconds took{};
};

struct LoadOptions {
  std::string image_name;            ///< --image NAME:TAG; empty: the only one
  std::optional<Platform> platform;  ///< --platform; else the host's
  bool all = false;       ///< `minirun load`: every image of the archive (of the platform)
  uint64_t max_size = 0;  ///< --max-size in bytes; 0: what the store's file system has free
  std::function<void(std::string_view id)> begins;  ///< before each record; may be empty
  std::function<void(const LoadRecord&)> tell;      ///< may be empty
  std::function<void(uint64_t done, uint64_t total)>
      progress;                                  ///< bytes of the archive; total 0 if unknown
  std::function<void(const std::string&)> warn;  ///< one line, once a load
};

/// Loads `path` (a file, a directory or "-") or finds it loaded already by its stat alone, and
/// returns what was chosen. Throws ImageError, UsageError (several images and none chosen; the
/// error lists them), SysError.
std::vector<Image> load(Store& store, const std::string& path, const LoadOptions& options);

/// What the store has already of `path`, by its stat alone; nullopt where it has to be read.
/// Changes nothing.
std::optional<std::vector<Image>> find_loaded(const Store& store, const std::string& path,
                                              const LoadOptions& options);

}  // namespace minirun::image
