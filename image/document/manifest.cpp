// Reads the docker form. If an archive has both forms (docker save since 25, containerd), checks
// that they agree: some tools read one of them and some the other, and all must get the same image.
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
  bool leads_out = written.starts_with('/');
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

ManifestImage read_docker_image(const JsonValue& element) {
  ManifestImage image;
  for (const JsonValue& tag : element["RepoTags"].items()) {
    const auto name = normalise(tag.string());
    if (!name) tag.fail(cat("is \"", printable(tag.string()), "\", which is no NAME:TAG"));
    if (std::find(image.names.begin(), image.names.end(), *name) == image.names.end()) {
      image.names.push_back(*name);
    }
  }
  image.config.member = member_name(element["Config"]);
  for (const JsonValue& layer : element["Layers"].items()) {
    image.layers.push_back({member_name(layer), {}, {}});
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
  std::vector<ManifestImage> images;
  for (const JsonValue& element : root.items()) add_image(images, read_docker_image(element));
  if (images.empty()) root.fail("is an empty array: there is no image in this archive");
  refuse_shared_names(images);
  return images;
}

[[noreturn]] void disagree(const std::string& about) {
  throw ImageError(cat("manifest.json and index.json disagree: ", about),
                   "one of them was changed after the archive was made; save the image again");
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

/// The docker form's images with the digests and sizes of the OCI form, then the platforms that
/// only the OCI form has.
std::vector<ManifestImage> merge(std::vector<ManifestImage> docker,
                                 const std::vector<OciImage>& oci) {
  std::vector<bool> used(oci.size(), false);
  for (ManifestImage& image : docker) {
    bool found = false;
    for (size_t i = 0; i < oci.size(); ++i) {
      const ManifestImage& other = oci[i].image;
      if (other.config.member != image.config.member) continue;
      if (!same_members(image, other)) disagree(cat("on the layers of ", image.config.member));
      found = used[i] = true;
      image.config = other.config;
      image.layers = other.layers;
      image.platform = other.platform;
      image.text = other.text;
    }
    if (!found) disagree(cat("only manifest.json has ", printable(image.config.member)));
  }
  const size_t known = docker.size();
  for (size_t i = 0; i < oci.size(); ++i) {
    const ManifestImage& other = oci[i].image;
    for (size_t j = 0; j < known; ++j) {
      const bool same_image = docker[j].config.member == other.config.member;
      const bool other_platform =
          docker[j].platform && other.platform && docker[j].platform != other.platform;
      if (!same_image && !other_platform && shares_a_name(docker[j], other)) {
        disagree(cat("both name an image ", docker[j].names.front(), ", but not the same one"));
      }
    }
    if (!used[i]) docker.push_back(other);
  }
  return docker;
}

}  // namespace

std::vector<ManifestImage> read_manifests(const ReadMember& read) {
  const auto docker = read({"manifest.json", {}, {}});
  const auto index = read({"index.json", {}, {}});
  if (!docker && !index) {
    if (read({"repositories", {}, {}})) {
      throw ImageError(
          "there is a file \"repositories\" but no manifest.json: Docker before 1.10 saved this",
          "load it into a newer Docker and save it again");
    }
    throw ImageError("there is neither a manifest.json nor an index.json: this is no saved image");
  }
  // The docker form is checked first: what it says is what docker load has always gone by.
  std::vector<ManifestImage> images;
  if (docker) images = read_docker(*docker);
  if (!index) return images;
  const auto oci = read_oci(read, *index);
  if (docker) return merge(std::move(images), oci);
  for (const OciImage& found : oci) images.push_back(found.image);
  if (images.empty())
    throw ImageError("index.json: /manifests: is empty: there is no image in this archive");
  return images;
}

}  // namespace minirun::image
