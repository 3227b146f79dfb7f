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

/// Whether index.json says which images there are, or a manifest.json beside it does. In the second
/// case an index may lack anything: docker save 25.0 writes `"manifests": null`, apko puts blobs
/// elsewhere.
enum class IndexRole { alone, beside_manifest };

/// Every image that `index` (the text of index.json) leads to. Empty only if the index is empty, or
/// not alone. Throws ImageError.
std::vector<OciImage> read_oci(const ReadMember& read, const std::string& index, IndexRole role);

/// A member's name without "/" at its start, "./" and "//". Throws ImageError (at the place of
/// `value`) if the name leads out of the archive or is empty. A ".." is an attack: some program
/// would open a file of the host (CVE-2014-9356).
std::string member_name(const JsonValue& value);

}  // namespace minirun::image
