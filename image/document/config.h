// An image's config: which program runs, as which user, in which directory, on which layers.
//
// Source: image-spec, config.md; Docker's own names for the same (moby, image/spec/v1.2.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/document/digest.h"

namespace minirun::image {

/// "linux/arm64/v8": os, architecture and variant, with the names of GOOS and GOARCH. The variant
/// may be empty.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;

  std::string str() const;
  bool operator==(const Platform&) const = default;
};

/// The platform of this machine (uname(2)).
Platform host_platform();
/// From "linux/arm64/v8", "linux/arm64" or "arm64". Throws UsageError.
Platform parse_platform(std::string_view text);
/// Whether an image for the platform `image` runs on `wanted`. Os and architecture have to be
/// equal, and the variants too, if both have one ("v8" of arm64 counts as none). "x86_64" counts as
/// amd64, and so on for what uname(2) says.
bool matches(const Platform& image, const Platform& wanted);

struct History {
  std::string created;  ///< RFC 3339, as written
  std::string created_by;
  std::string comment;
  bool empty_layer = false;
};

struct Config {
  Platform platform;
  std::string created;
  std::vector<std::string> env;          ///< each "NAME=value"
  std::vector<std::string> dropped_env;  ///< entries without "=": Docker leaves them out too
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;
  std::string user;
  std::string stop_signal;
  std::vector<std::string> volumes;        ///< sorted container paths
  std::vector<std::string> exposed_ports;  ///< "80/tcp"
  std::vector<Digest> diff_ids;            ///< lowest layer first
  std::vector<History> history;
};

/// Reads a config. Throws ImageError with a JSON pointer: a wrong type, a NUL in a string, or an
/// Env entry without a name.
Config parse_config(std::string_view text, const std::string& name);

}  // namespace minirun::image
