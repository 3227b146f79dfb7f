// What is in an archive: the two documents that say so, read into one shape.
//
//     manifest.json   docker save: an array, one element an image; Config and Layers name members
//     index.json      OCI layout: a tree of indexes whose leaves are manifests; config and layers
//                     are digests of blobs
//
// Sources: moby, image/spec/v1.2.md "Combined Image JSON + Filesystem Changeset Format";
// image-spec, image-layout.md, image-index.md, manifest.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/document/config.h"
#include "image/document/digest.h"

namespace minirun::image {

/// A member of the archive, and what its bytes have to be where the manifest says so.
struct BlobRef {
  std::string member;            ///< its name, clean: "blobs/sha256/…", "<id>/layer.tar"
  std::optional<Digest> digest;  ///< of its bytes; always there in OCI, never in a docker manifest
  std::optional<uint64_t> size;  ///< of its bytes
};

/// One image of an archive, before its config was looked at.
struct ManifestImage {
  std::vector<std::string> names;    ///< "name:tag", normalised; may be empty
  std::optional<Platform> platform;  ///< where an index says it
  BlobRef config;
  std::vector<BlobRef> layers;  ///< lowest first
  std::string text;             ///< the manifest itself, for `inspect`
};

/// The bytes of a small member by its name, nullopt if there is none. Verifies the BlobRef's digest
/// and size if given.
using ReadMember = std::function<std::optional<std::string>(const BlobRef&)>;

/// All images that the archive describes. Throws ImageError: neither document, empty, both and they
/// disagree, an index nested deeper than 8 or that refers to itself, `layers` beside `manifests`.
std::vector<ManifestImage> read_manifests(const ReadMember& read);

}  // namespace minirun::image
