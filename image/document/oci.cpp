// Walks a tree of indexes whose leaves are manifests. The number of blobs is limited: a small index
// can name the same blob a thousand times, on each of eight levels.
//
//     index.json --> index --> manifest --> config
//                          \-> manifest     layers
//
// Some entries are skipped: unknown media types (image-index.md demands that), attestations
// (platform unknown/unknown), and entries that the archive doesn't have (docker save since 25 and
// skopeo's sparse copies keep the index of all platforms, and the blobs of one).
#include "image/document/oci.h"

#include <algorithm>
#include <set>

#include "image/document/reference.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {
namespace {

constexpr size_t max_nesting = 8;
constexpr size_t max_visits = 1000;

bool is_index_type(std::string_view type) {
  return type == "application/vnd.oci.image.index.v1+json" ||
         type == "application/vnd.docker.distribution.manifest.list.v2+json";
}

bool is_manifest_type(std::string_view type) {
  return type == "application/vnd.oci.image.manifest.v1+json" ||
         type == "application/vnd.docker.distribution.manifest.v2+json";
}

bool is_config_type(std::string_view type) {
  return type.empty() || type == "application/vnd.oci.image.config.v1+json" ||
         type == "application/vnd.docker.container.image.v1+json";
}

/// A descriptor: a blob's digest and size. The digest is checked here, before a path is made of it.
BlobRef blob(const JsonValue& descriptor) {
  const JsonValue digest = descriptor["digest"];
  if (!digest) digest.fail("is missing");
  const JsonValue size = descriptor["size"];
  if (!size) size.fail("is missing");
  const Digest parsed = Digest::parse(digest.string(), descriptor.document());
  return {"blobs/sha256/" + parsed.hex(), parsed, size.unsigned_number()};
}

/// A layer's descriptor. Some layers are said to lie elsewhere (Windows' base layers).
BlobRef layer_blob(const JsonValue& descriptor) {
  BlobRef layer = blob(descriptor);
  layer.media_type = descriptor["mediaType"].string();
  const auto urls = descriptor["urls"].strings();
  if (!urls.empty()) layer.url = urls.front();
  return layer;
}

std::optional<Platform> platform(const JsonValue& descriptor) {
  const JsonValue value = descriptor["platform"];
  if (!value) return std::nullopt;
  return Platform{value["os"].string(), value["architecture"].string(), value["variant"].string()};
}

bool is_attestation(const JsonValue& descriptor) {
  const auto made_for = platform(descriptor);
  return made_for && made_for->os == "unknown" && made_for->architecture == "unknown";
}

/// The names that annotations give. skopeo and umoci write a bare tag, without a name: ":latest".
std::vector<std::string> names(const JsonValue& descriptor) {
  const JsonValue annotations = descriptor["annotations"];
  std::vector<std::string> found;
  for (const char* key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
    const std::string text = annotations.entry(key).string();
    if (text.empty()) continue;
    const bool is_tag = text.find_first_of(":/") == std::string::npos;
    const auto name = is_tag ? std::optional(cat(":", text)) : normalise(text);
    if (name && std::find(found.begin(), found.end(), *name) == found.end()) found.push_back(*name);
  }
  return found;
}

/// A bare tag says nothing more where there is a whole name.
void drop_bare_tags(std::vector<std::string>& names) {
  const auto is_tag = [](const std::string& name) { return name.starts_with(':'); };
  if (!std::all_of(names.begin(), names.end(), is_tag)) std::erase_if(names, is_tag);
}

void add_names(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& name : more) {
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
  }
}

class Walk {
 public:
  Walk(const ReadMember& read, IndexRole role) : read_(read), is_alone_(role == IndexRole::alone) {}

  std::vector<OciImage> run(const std::string& index) {
    const JsonDocument document(index, "index.json");
    refuse_both(document.root());
    visit_index(document.root(), {}, true);
    if (images_.empty() && !skipped_.empty() && is_alone_) {
      throw ImageError(cat("index.json: leads to no image: ", skipped_),
                       "save the image again, with its layers: docker save, or skopeo copy");
    }
    for (OciImage& found : images_) drop_bare_tags(found.image.names);
    return std::move(images_);
  }

 private:
  void visit_index(const JsonValue& index, const std::vector<std::string>& inherited, bool is_top) {
    check_version(index);
    const std::string type = index["mediaType"].string();
    if (!type.empty() && !is_index_type(type)) {
      index["mediaType"].fail(cat("is ", printable(type), ", but the document is an index"));
    }
    if (!index["manifests"] && (is_alone_ || !is_top)) {
      index["manifests"].fail("is missing: this is no OCI index");
    }
    for (const JsonValue& descriptor : index["manifests"].items()) {
      auto called = names(descriptor);
      add_names(called, inherited);
      visit(descriptor, called);
    }
  }

  void visit(const JsonValue& descriptor, const std::vector<std::string>& called) {
    const std::string type = descriptor["mediaType"].string();
    if (!type.empty() && !is_index_type(type) && !is_manifest_type(type)) {
      return skip(cat("it knows no media type ", printable(type)));
    }
    if (is_attestation(descriptor)) return skip("it holds attestations only");
    const BlobRef ref = blob(descriptor);
    if (std::find(path_.begin(), path_.end(), *ref.digest) != path_.end()) {
      descriptor.fail("is an index that refers to itself");
    }
    if (path_.size() == max_nesting) descriptor.fail(cat("is nested deeper than ", max_nesting));
    if (++visits_ > max_visits)
      descriptor.fail(cat("is one of more than ", max_visits, " references"));
    const auto text = read_(ref);
    if (!text) return skip(cat(ref.member, " is not in the archive"));

    const JsonDocument document(*text, ref.member);
    const JsonValue root = document.root();
    refuse_both(root);
    if (root["manifests"] ? is_manifest_type(type) : is_index_type(type)) {
      root.fail(cat("is not what it was said to be: ", printable(type)));
    }
    path_.push_back(*ref.digest);
    if (root["manifests"]) {
      visit_index(root, called, false);
    } else {
      visit_manifest(root, *text, *ref.digest, called, platform(descriptor));
    }
    path_.pop_back();
  }

  void visit_manifest(const JsonValue& root, const std::string& text, const Digest& digest,
                      const std::vector<std::string>& called, std::optional<Platform> made_for) {
    check_version(root);
    const std::string type = root["mediaType"].string();
    if (!type.empty() && !is_manifest_type(type)) {
      root["mediaType"].fail(cat("is ", printable(type), ", but the document is a manifest"));
    }
    const JsonValue config = root["config"];
    if (!config) config.fail("is missing: this is no image manifest");
    if (!is_config_type(config["mediaType"].string())) {
      return skip(
          cat("its config is ", printable(config["mediaType"].string()), ", not an image's"));
    }
    for (OciImage& known : images_) {
      if (known.manifest == digest) return add_names(known.image.names, called);
    }
    ManifestImage image{called, std::move(made_for), blob(config), {}, text};
    for (const JsonValue& layer : root["layers"].items()) image.layers.push_back(layer_blob(layer));
    images_.push_back({std::move(image), digest});
  }

  /// A document that reads as both was made to be one thing to a checker and another to us
  /// (CVE-2021-41190).
  static void refuse_both(const JsonValue& root) {
    if (!root["manifests"] || (!root["layers"] && !root["config"])) return;
    root.fail("is ambiguous: an index (manifests) and a manifest (layers, config) at once");
  }

  static void check_version(const JsonValue& root) {
    const JsonValue version = root["schemaVersion"];
    if (version && version.unsigned_number() != 2) {
      version.fail(cat("is ", version.unsigned_number(), "; only 2 is known"));
    }
  }

  void skip(std::string why) {
    if (skipped_.empty()) skipped_ = std::move(why);
  }

  const ReadMember& read_;
  const bool is_alone_;
  std::vector<OciImage> images_;
  std::vector<Digest> path_;  // of the indexes that we are in
  size_t visits_ = 0;
  std::string skipped_;  // why the first thing that is no image was passed over
};

}  // namespace

std::vector<OciImage> read_oci(const ReadMember& read, const std::string& index, IndexRole role) {
  return Walk(read, role).run(index);
}

}  // namespace minirun::image
