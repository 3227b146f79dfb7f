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
  std::optional<Digest> digest;  ///< of its bytes, if a descriptor or its name says it
  std::optional<uint64_t> size;  ///< of its bytes
  std::string media_type = {};   ///< as an OCI manifest says it
  std::string url = {};          ///< where else a layer lies that the archive may lack
};

/// One image of an archive, before its config is read.
struct ManifestImage {
  /// "name:tag", normalised; may be empty. ":tag" if the index says no more: the archive's own name
  /// belongs before it.
  std::vector<std::string> names;
  std::optional<Platform> platform;  ///< if an index says it
  BlobRef config;
  std::vector<BlobRef> layers;  ///< lowest first
  std::string text;             ///< the manifest itself, for `inspect`
  /// The config's text if it is no member: made of what Docker before 1.10 saved (legacy.h).
  std::optional<std::string> made_config = {};
};

/// Returns the bytes of a small member; nullopt if there is no such member. Verifies the BlobRef's
/// digest and size, if it has them.
using ReadMember = std::function<std::optional<std::string>(const BlobRef&)>;

/// All images of the archive. Where both documents are there, manifest.json decides, as in Docker.
/// index.json only adds what it knows of the same images (digests, other platforms); if they
/// disagree, `note` is called once with a line that says so. Throws ImageError: there is neither
/// document; there is no image; an index that is read alone is nested deeper than 8, contains
/// itself, or leads to a document that has both `layers` and `manifests`.
std::vector<ManifestImage> read_manifests(const ReadMember& read,
                                          const std::function<void(const std::string&)>& note = {});

}  // namespace minirun::image
