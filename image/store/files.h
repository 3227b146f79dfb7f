// What the parts of the store share: the names of its files, and the small facts that are read from
// them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/document/digest.h"

namespace minirun::image::store_files {

inline std::string image_dir(const Digest& id) { return "images/" + id.hex(); }
inline std::string layer_dir(const Digest& chain) { return "overlay2/" + chain.hex(); }

/// A small file of the store; nullopt if it is not there.
std::optional<std::string> read_if_there(int store, const std::string& name);

/// The lines of a file that are not empty; none if it is not there.
std::vector<std::string> read_lines(int store, const std::string& name);

/// Chain ids of all layers, lowest first.
std::vector<Digest> chain_of(const std::vector<Digest>& diff_ids);

/// Names this boot of this machine (random(4), "/proc interfaces").
std::string boot_id();

/// flock(2), waiting, with EINTR retried.
void lock(int fd, int operation, const std::string& name);

}  // namespace minirun::image::store_files
