// Reads what Docker before 1.10 saved, for the form that manifest.h returns.
//
//     repositories        {"name": {"tag": "<id>"}}
//     <id>/json           config of one layer: what to run, and "parent": the layer below
//     <id>/layer.tar      its files
//
// There is no list of layers and no diff id. So a config is made here, as `docker load` makes one:
// the top layer's, with the diff ids and the history of all.
//
// Sources: moby, image/spec/v1.md; image/v1/imagev1.go, "MakeConfigFromV1Config".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "image/document/manifest.h"

namespace minirun::image {

/// Reads a layer to its end; returns its diff id. Throws ImageError.
using DiffIdOf = std::function<Digest(const std::string& member)>;

/// The images of `repositories` (its text). Throws ImageError: a malformed id, a missing layer, a
/// layer that is its own ancestor, or no image at all.
std::vector<ManifestImage> read_legacy(const ReadMember& read, const DiffIdOf& diff_id_of,
                                       const std::string& repositories);

}  // namespace minirun::image
