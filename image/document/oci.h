// The OCI half of manifest.h.
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

/// Every image that `index` (index.json's text) leads to. Throws ImageError; empty only if the
/// index is.
std::vector<OciImage> read_oci(const ReadMember& read, const std::string& index);

/// A member's name without "./" and "//". Throws ImageError (as `value`) for one that leads out of
/// the archive, is absolute or empty: it was written to make somebody open a file of the host
/// (CVE-2014-9356).
std::string member_name(const JsonValue& value);

}  // namespace minirun::image
