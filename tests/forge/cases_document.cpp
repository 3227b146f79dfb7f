// Cases 7 to 10: documents that contradict themselves or each other, or that are not there.
#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

OciImage hello_oci() { return oci_image(hello_image()); }

/// Both a manifest and an index: which of the two a reader sees is its own affair (CVE-2021-41190).
Product manifest_with_manifests() {
  OciImage image = hello_oci();
  image.more.emplace_back("manifests", array({image.descriptor().json()}));
  return archive(oci({image}));
}

Product index_with_layers() {
  OciImage image = hello_oci();
  Files files = oci({image});
  change(files, "index.json", "\"manifests\"",
         cat("\"config\":", image.config.json(), ",\"layers\":[", image.layers[0].json(),
             "],\"manifests\""));
  return archive(files);
}

/// A blob that names itself: its digest can't be right, and a reader that goes first and verifies
/// later never ends.
Product index_cycle() {
  Descriptor self = describe(index_type, "");
  self.digest = digest_of("the index that names itself");
  const std::string index = index_text({self});
  self.size = std::to_string(index.size());
  Files files = oci_layout(index_text({self}), {});
  files.push_back({"blobs/sha256/" + self.digest.substr(7), index_text({self})});
  return archive(files);
}

/// `depth` indexes, each with `width` times the next one, and the image in the last.
Product nested(int depth, size_t width) {
  const OciImage image = hello_oci();
  Files blobs = image.blobs;
  blobs.push_back(blob(image.manifest()));
  std::string index = index_text({image.descriptor()});
  for (int i = 0; i < depth; ++i) {
    blobs.push_back(blob(index));
    index = index_text(std::vector<Descriptor>(width, describe(index_type, index)));
  }
  return archive(oci_layout(index, blobs));
}

Product with_manifest(const std::string& text) {
  Files files = legacy({hello_image()});
  member(files, "manifest.json").bytes = text;
  return archive(files);
}

Product with_index(const std::string& text) { return archive(oci_layout(text, hello_oci().blobs)); }

Product without_manifest() {
  Files files = legacy({hello_image()});
  std::erase_if(files, [](const File& file) {
    return file.name == "manifest.json" || file.name == "repositories";
  });
  return archive(files);
}

Product other_platform(const std::string& os, const std::string& architecture) {
  Image image = hello_image();
  image.os = os;
  image.architecture = architecture;
  return archive(legacy({image}));
}

/// manifest.json names one config, index.json another.
Product disagreement() {
  Image other = hello_image();
  other.run = {{"Cmd", R"(["/hello","other"])"}};
  Files files = docker25({hello_image()});
  const OciImage second = oci_image(other);
  files.push_back(blob(config_text(other)));
  files.push_back(blob(second.manifest()));
  member(files, "index.json").bytes = index_text({second.descriptor()});
  return archive(files);
}

constexpr Case cases[] = {
    {"case-7-manifest-with-manifests", "a manifest with `manifests`",
     [](const Options&) { return manifest_with_manifests(); }},
    {"case-7-index-with-layers", "index.json with `config` and `layers`",
     [](const Options&) { return index_with_layers(); }},
    {"case-8-index-cycle", "an index that names itself",
     [](const Options&) { return index_cycle(); }},
    {"case-8-index-deep", "indexes 1,000 deep", [](const Options&) { return nested(1000, 1); }},
    {"case-8-index-fan-out", "7 indexes, each naming the next 50 times",
     [](const Options&) { return nested(7, 50); }},
    {"case-9-no-manifest", "neither manifest.json nor index.json",
     [](const Options&) { return without_manifest(); }},
    {"case-9-manifest-null", "manifest.json is null",
     [](const Options&) { return with_manifest("null"); }},
    {"case-9-manifest-empty-array", "manifest.json is []",
     [](const Options&) { return with_manifest("[]"); }},
    {"case-9-manifest-empty-file", "manifest.json has no bytes",
     [](const Options&) { return with_manifest(""); }},
    {"case-9-manifest-object", "manifest.json is an object",
     [](const Options&) { return with_manifest("{}"); }},
    {"case-9-manifest-no-config", "manifest.json names no config",
     [](const Options&) { return with_manifest("[{}]"); }},
    {"case-9-index-no-manifests", "index.json has no `manifests`",
     [](const Options&) { return with_index(R"({"schemaVersion":2})"); }},
    {"case-9-index-empty-array", "index.json has an empty array `manifests`",
     [](const Options&) { return with_index(index_text({})); }},
    {"case-9-wrong-os", "an image for windows",
     [](const Options&) { return other_platform("windows", host_architecture()); }},
    {"case-9-wrong-architecture", "an image for s390x",
     [](const Options&) { return other_platform("linux", "s390x"); }},
    {"case-9-empty-file", "a file of 0 bytes",
     [](const Options&) -> Product { return ArchiveFile{}; }},
    {"case-9-not-an-archive", "a text file",
     [](const Options&) -> Product { return ArchiveFile{std::string(2000, 'x')}; }},
    {"case-9-empty-tar", "a tar archive with no member",
     [](const Options&) -> Product { return ArchiveFile{Tar().bytes()}; }},
    {"case-9-root-file-system", "docker export's: a root file system",
     [](const Options&) -> Product {
       return ArchiveFile{Tar().file(".dockerenv").dir("etc/").file("hello", "x", 0755).bytes()};
     }},
    {"case-10-disagree", "manifest.json and index.json name different configs",
     [](const Options&) { return disagreement(); }},
};

}  // namespace

std::span<const Case> document_cases() { return cases; }

}  // namespace minirun::forge
