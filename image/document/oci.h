// Reads OCI's form of the manifest, for manifest.h.
#pragma once

#include <vector>

#include "image/document/json.h"
#include "image/document/manifest.h"

namespace minirun::image {

/// An image of the OCI form.
struct OciImage {
  ManifestImage image;
  Digest manifest;
};

/// Every image that `index` (the text of index.json) leads to. Empty only if the index is empty.
/// Throws ImageError.
std::vector<OciImage> read_oci(const ReadMember& read, const std::string& index);

/// A member's name without "./" and "//". Throws ImageError (at the place of `value`) if the name
/// leads out of the archive, is absolute or empty. Such a name is an attack: some program would
/// open a file of the host (CVE-2014-9356).
std::string member_name(const JsonValue& value);

}  // namespace minirun::image
