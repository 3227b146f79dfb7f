// Shared by the parts of the store: the names of its files, and functions that read small ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/document/digest.h"

namespace minirun::image::store_files {

inline std::string image_dir(const Digest& id) { return "images/" + id.hex(); }
inline std::string layer_dir(const Digest& chain) { return "overlay2/" + chain.hex(); }

/// The content of a small file of the store; nullopt if it doesn't exist.
std::optional<std::string> read_if_there(int store, const std::string& name);

/// The lines of a file, without empty ones; no lines if the file doesn't exist.
std::vector<std::string> read_lines(int store, const std::string& name);

/// Chain ids of all layers, lowest first.
std::vector<Digest> chain_of(const std::vector<Digest>& diff_ids);

/// The id of this boot of this machine (random(4), "/proc interfaces").
std::string boot_id();

/// Layers that no image and no container has. Only with the exclusive lock is that more than a
/// glimpse.
std::vector<Digest> unused_layers(int store);

/// Short names whose layer is gone: "overlay2/l/ABC...".
std::vector<std::string> dangling_links(int store);

}  // namespace minirun::image::store_files
