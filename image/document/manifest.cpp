// Reads the docker form. An archive may have both forms (docker save since 25, containerd, apko).
// Then manifest.json decides, as in `docker load`: what stands beside it may lack images (docker
// save NAME ID writes one of the two), or all of them. If index.json says something else, that is
// told: a tool that reads index.json gets another image.
#include "image/document/manifest.h"

#include <algorithm>

#include "image/document/json.h"
#include "image/document/oci.h"
#include "image/document/reference.h"
#include "runner/base/error.h"
#include "runner/base/text.h"

namespace minirun::image {

std::string member_name(const JsonValue& value) {
  const std::string written = value.string();
  std::string name;
  bool leads_out = false;
  for (const std::string_view part : split(written, '/')) {
    leads_out = leads_out || part == "..";
    if (part.empty() || part == ".") continue;
    if (!name.empty()) name += '/';
    name += part;
  }
  if (name.empty()) value.fail("is missing or empty; the name of a member belongs there");
  if (leads_out) value.fail(cat("is \"", printable(written), "\", which leads out of the archive"));
  return name;
}

namespace {

/// A member by its name. One in OCI's directory of blobs has its digest for a name.
BlobRef named_member(const JsonValue& value) {
  constexpr std::string_view blobs = "blobs/sha256/";
  BlobRef ref{member_name(value), {}, {}};
  if (ref.member.starts_with(blobs)) ref.digest = Digest::from_hex(ref.member.substr(blobs.size()));
  return ref;
}

ManifestImage read_docker_image(const JsonValue& element) {
  ManifestImage image;
  for (const JsonValue& tag : element["RepoTags"].items()) {
    const auto name = normalise(tag.string());
    if (!name) tag.fail(cat("is \"", printable(tag.string()), "\", which is no NAME:TAG"));
    if (std::find(image.names.begin(), image.names.end(), *name) == image.names.end()) {
      image.names.push_back(*name);
    }
  }
  image.config = named_member(element["Config"]);
  for (const JsonValue& layer : element["Layers"].items()) {
    image.layers.push_back(named_member(layer));
  }
  image.text = element.text();
  return image;
}

/// One image may stand twice, once for each of its names.
void add_image(std::vector<ManifestImage>& images, ManifestImage image) {
  for (ManifestImage& known : images) {
    const bool same_layers = std::equal(
        known.layers.begin(), known.layers.end(), image.layers.begin(), image.layers.end(),
        [](const BlobRef& one, const BlobRef& other) { return one.member == other.member; });
    if (known.config.member != image.config.member || !same_layers) continue;
    known.names.insert(known.names.end(), image.names.begin(), image.names.end());
    return;
  }
  images.push_back(std::move(image));
}

void refuse_shared_names(const std::vector<ManifestImage>& images) {
  for (size_t i = 0; i < images.size(); ++i) {
    for (const std::string& name : images[i].names) {
      for (size_t j = 0; j < i; ++j) {
        if (std::find(images[j].names.begin(), images[j].names.end(), name) ==
            images[j].names.end())
          continue;
        throw ImageError(cat("manifest.json: /", j, " and /", i, " are both named ", name));
      }
    }
  }
}

std::vector<ManifestImage> read_docker(const std::string& text) {
  const JsonDocument document(text, "manifest.json");
  const JsonValue root = document.root();
  if (!root) root.fail("is null; an array of images belongs there");
  if (root.is_object() && root["schemaVersion"]) {
    throw ImageError(
        "manifest.json is a registry's manifest of one image, as skopeo's dir: and podman save "
        "--format docker-dir write it; docker save's is a list of images",
        "skopeo copy dir:DIR docker-archive:FILE.tar makes an archive that minirun loads");
  }
  std::vector<ManifestImage> images;
  for (const JsonValue& element : root.items()) add_image(images, read_docker_image(element));
  if (images.empty()) root.fail("is an empty array: there is no image in this archive");
  refuse_shared_names(images);
  return images;
}

bool same_members(const ManifestImage& one, const ManifestImage& other) {
  return std::equal(one.layers.begin(), one.layers.end(), other.layers.begin(), other.layers.end(),
                    [](const BlobRef& a, const BlobRef& b) { return a.member == b.member; });
}

bool shares_a_name(const ManifestImage& one, const ManifestImage& other) {
  return std::any_of(one.names.begin(), one.names.end(), [&](const std::string& name) {
    return std::find(other.names.begin(), other.names.end(), name) != other.names.end();
  });
}

/// Says the first of all disagreements.
class Disagreement {
 public:
  explicit Disagreement(const std::function<void(const std::string&)>& note) : note_(note) {}
  void say(const std::string& what) {
    if (note_ && !is_said_) note_(cat(what, "; manifest.json decides, as in docker load"));
    is_said_ = true;
  }

 private:
  const std::function<void(const std::string&)>& note_;
  bool is_said_ = false;
};

/// What index.json says beside a manifest.json: nothing, if it can't be read.
std::vector<OciImage> read_beside(const ReadMember& read, const std::string& index,
                                  Disagreement& disagreement) {
  try {
    return read_oci(read, index, IndexRole::beside_manifest);
  } catch (const ImageError& error) {
    disagreement.say(cat("index.json can't be used (", error.what(), ")"));
    return {};
  }
}

/// Whether index.json has the image of manifest.json for another machine.
bool is_other_platform(const ManifestImage& image, const ManifestImage& other) {
  const bool same_names =
      shares_a_name(image, other) || (image.names.empty() && other.names.empty());
  return same_names && image.platform && other.platform && image.platform != other.platform;
}

/// The docker form's images with the digests and sizes of the OCI form, then the platforms that
/// only the OCI form has.
std::vector<ManifestImage> merge(std::vector<ManifestImage> docker,
                                 const std::vector<OciImage>& oci, Disagreement& disagreement) {
  std::vector<bool> used(oci.size(), false);
  for (ManifestImage& image : docker) {
    for (size_t i = 0; i < oci.size(); ++i) {
      const ManifestImage& other = oci[i].image;
      if (other.config.member != image.config.member) continue;
      used[i] = true;
      if (!same_members(image, other)) {
        disagreement.say(cat("manifest.json and index.json disagree on the layers of ",
                             printable(image.config.member)));
        continue;
      }
      image.config = other.config;
      image.layers = other.layers;
      image.platform = other.platform;
      image.text = other.text;
    }
  }
  const size_t known = docker.size();
  for (size_t i = 0; i < oci.size(); ++i) {
    if (used[i]) continue;
    const ManifestImage& other = oci[i].image;
    const auto end = docker.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::any_of(docker.begin(), end,
                    [&](const ManifestImage& image) { return is_other_platform(image, other); })) {
      docker.push_back(other);
      continue;
    }
    const auto same_name = std::find_if(docker.begin(), end, [&](const ManifestImage& image) {
      return shares_a_name(image, other);
    });
    disagreement.say(same_name == end
                         ? cat("index.json has an image that manifest.json has not, ",
                               other.names.empty() ? other.config.member : other.names.front())
                         : cat("manifest.json and index.json disagree: both name an image ",
                               same_name->names.front(), ", but not the same one"));
  }
  return docker;
}

}  // namespace

std::vector<ManifestImage> read_manifests(const ReadMember& read,
                                          const std::function<void(const std::string&)>& note) {
  const auto docker = read({"manifest.json", {}, {}});
  const auto index = read({"index.json", {}, {}});
  if (!docker && !index) {
    throw ImageError("there is neither a manifest.json nor an index.json: this is no saved image");
  }
  std::vector<ManifestImage> images;
  if (docker) {
    Disagreement disagreement(note);
    images = read_docker(*docker);
    return index ? merge(std::move(images), read_beside(read, *index, disagreement), disagreement)
                 : images;
  }
  for (const OciImage& found : read_oci(read, *index, IndexRole::alone)) {
    images.push_back(found.image);
  }
  if (images.empty())
    throw ImageError("index.json: /manifests: is empty: there is no image in this archive");
  return images;
}

}  // namespace minirun::image
