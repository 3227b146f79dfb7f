// What has to work: OCI layouts, with indexes in indexes, several platforms, and media types that
// lie.
#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

Files said_to_be(Packing is, std::string_view said) {
  Image image = noted_image(is);
  for (Layer& layer : image.layers) {
    layer.media_type = cat("application/vnd.oci.image.layer.v1.tar", said);
  }
  return oci({oci_image(image)});
}

std::string platform(const std::string& architecture, const std::string& os = "linux") {
  return object({{"architecture", json_string(architecture)}, {"os", json_string(os)}});
}

OciImage for_platform(const std::string& architecture) {
  Image image = noted_image(Packing::gzip);
  image.architecture = architecture;
  return oci_image(image);
}

/// index.json -> index -> {manifest for amd64, for arm64, for s390x}, as `docker buildx` and skopeo
/// --all write it.
Files multi_platform() {
  Files blobs;
  std::vector<Descriptor> manifests;
  for (const char* const architecture : {"s390x", "amd64", "arm64"}) {
    OciImage image = for_platform(architecture);
    image.names.clear();
    blobs.insert(blobs.end(), image.blobs.begin(), image.blobs.end());
    blobs.push_back(blob(image.manifest()));
    manifests.push_back(image.descriptor());
    manifests.back().more.emplace_back("platform", platform(architecture));
  }
  const std::string inner = index_text(manifests);
  blobs.push_back(blob(inner));
  return oci_layout(index_text({describe(index_type, inner)}), blobs);
}

/// buildx puts what it knows of the build beside the image, as a manifest for the platform
/// unknown/unknown.
Files attestation() {
  OciImage image = for_platform(host_architecture());
  Descriptor real = image.descriptor();
  real.more = {{"platform", platform(host_architecture())}};
  const std::string statement = R"({"_type":"https://in-toto.io/Statement/v0.1"})";
  OciImage attest;
  const std::string config =
      object({{"architecture", json_string("unknown")},
              {"os", json_string("unknown")},
              {"config", "{}"},
              {"rootfs", object({{"type", json_string("layers")},
                                 {"diff_ids", array({json_string(digest_of(statement))})}})}});
  attest.config = describe(config_type, config);
  attest.layers = {
      {"application/vnd.in-toto+json", digest_of(statement), std::to_string(statement.size())}};
  Descriptor beside = attest.descriptor();
  beside.more = {
      {"annotations", object({{"vnd.docker.reference.type", json_string("attestation-manifest")},
                              {"vnd.docker.reference.digest", json_string(real.digest)}})},
      {"platform", platform("unknown", "unknown")}};
  const std::string inner = index_text({real, beside});
  Files blobs = image.blobs;
  for (const std::string& each : {image.manifest(), attest.manifest(), config, statement, inner}) {
    blobs.push_back(blob(each));
  }
  Descriptor top = describe(index_type, inner);
  top.more = {{"annotations",
               object({{"io.containerd.image.name", json_string("docker.io/library/forged:latest")},
                       {"org.opencontainers.image.ref.name", json_string("latest")}})}};
  return oci_layout(index_text({top}), blobs);
}

Files nested_index() {
  const OciImage image = oci_image(noted_image(Packing::gzip));
  const std::string inner = index_text({image.descriptor()});
  const std::string middle = index_text({describe(index_type, inner)});
  Files blobs = image.blobs;
  for (const std::string& each : {image.manifest(), inner, middle}) blobs.push_back(blob(each));
  return oci_layout(index_text({describe(index_type, middle)}), blobs);
}

constexpr Case cases[] = {
    {"good-oci", "OCI archive, gzip layers",
     [](const Options&) { return archive(oci({oci_image(noted_image(Packing::gzip))})); }},
    {"good-oci-plain", "OCI archive, plain layers",
     [](const Options&) { return archive(oci({oci_image(noted_image())})); }},
    {"good-oci-zstd", "OCI archive, zstd layers",
     [](const Options&) { return archive(oci({oci_image(noted_image(Packing::zstd))})); }},
    {"good-oci-unnamed", "OCI archive without annotations",
     [](const Options&) {
       Image image = noted_image();
       image.names.clear();
       return archive(oci({oci_image(image)}));
     }},
    {"good-oci-dir", "OCI layout directory",
     [](const Options&) -> Product { return oci({oci_image(noted_image(Packing::gzip))}); }},
    {"good-nested-index", "index.json, index, index, manifest",
     [](const Options&) { return archive(nested_index()); }},
    {"good-multi-platform", "an index for s390x, amd64 and arm64",
     [](const Options&) { return archive(multi_platform()); }},
    {"good-attestation", "buildx: an attestation manifest beside the image",
     [](const Options&) { return archive(attestation()); }},
    {"good-gzip-said-zstd-is", "layers said to be gzip are zstd",
     [](const Options&) { return archive(said_to_be(Packing::zstd, "+gzip")); }},
    {"good-zstd-said-gzip-is", "layers said to be zstd are gzip",
     [](const Options&) { return archive(said_to_be(Packing::gzip, "+zstd")); }},
    {"good-plain-said-gzip-is", "layers said to be plain are gzip",
     [](const Options&) { return archive(said_to_be(Packing::gzip, "")); }},
};

}  // namespace

std::span<const Case> good_oci_cases() { return cases; }

}  // namespace minirun::forge
