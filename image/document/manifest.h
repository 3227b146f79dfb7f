// The manifest says which images are in an archive. It has two forms, which are read into one
// struct.
//
//     manifest.json   docker save: an array, each element is an image; Config and Layers name
//                     members
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

/// A member of the archive, and the digest and size that the manifest says it has.
struct BlobRef {
  std::string member;            ///< its name, clean: "blobs/sha256/…", "<id>/layer.tar"
  std::optional<Digest> digest;  ///< of its bytes; OCI always has it, a docker manifest never
  std::optional<uint64_t> size;  ///< of its bytes
};

/// One image of an archive, before its config is read.
struct ManifestImage {
  std::vector<std::string> names;    ///< "name:tag", normalised; may be empty
  std::optional<Platform> platform;  ///< if an index says it
  BlobRef config;
  std::vector<BlobRef> layers;  ///< lowest first
  std::string text;             ///< the manifest itself, for `inspect`
};

/// Returns the bytes of a small member; nullopt if there is no such member. Verifies the BlobRef's
/// digest and size, if it has them.
using ReadMember = std::function<std::optional<std::string>(const BlobRef&)>;

/// All images of the archive. Throws ImageError: there is neither document, or both and they
/// disagree; there is no image; an index is nested deeper than 8 or contains itself; a document has
/// both `layers` and `manifests`.
std::vector<ManifestImage> read_manifests(const ReadMember& read);

}  // namespace minirun::image
