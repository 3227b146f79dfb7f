// Cases 3 to 6: digests that are none, and bytes that are not what a digest, a size or a diff id
// says.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

const std::string& traversal() {
  static const std::string digest = "sha256:../../../../../../../../etc/passwd";
  return digest;
}

Image two_layers() {
  Image image = hello_image({Tar().file("two", "2\n").bytes()});
  for (Layer& layer : image.layers) layer.packing = Packing::gzip;
  return image;
}

/// An OCI archive with one thing changed before the manifest is put together.
template <typename Change>
Product changed_oci(Change change_image) {
  OciImage image = oci_image(two_layers());
  change_image(image);
  return archive(oci({image}));
}

/// An OCI archive whose index.json has its one descriptor changed.
template <typename Change>
Product changed_index(Change change_descriptor) {
  const OciImage image = oci_image(two_layers());
  Descriptor descriptor = image.descriptor();
  change_descriptor(descriptor);
  Files blobs = image.blobs;
  blobs.push_back(blob(image.manifest()));
  return archive(oci_layout(index_text({descriptor}), blobs));
}

Product index_digest(const std::string& digest) {
  return changed_index([&](Descriptor& descriptor) { descriptor.digest = digest; });
}

std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The blob keeps its name and loses its bytes.
Product other_bytes(const std::string& name, const std::string& from, const std::string& to) {
  const OciImage image = oci_image(two_layers());
  Files files = oci({image});
  change(files, name, from, to);
  return archive(files);
}

std::string blob_name(const Descriptor& descriptor) {
  return "blobs/sha256/" + descriptor.digest.substr(7);
}

Product with_diff_ids(const std::string& ids) {
  Image image = two_layers();
  image.diff_ids = ids;
  return archive(legacy({image}));
}

Product oci_with_diff_ids(const std::string& ids) {
  Image image = two_layers();
  image.diff_ids = ids;
  return archive(oci({oci_image(image)}));
}

std::string id(size_t layer) { return json_string(digest_of(two_layers().layers[layer].tar)); }

/// Two images that claim the same diff id; the bytes of the second are others.
Image claims(std::string_view text, const std::string& name) {
  const std::string honest = Tar().file("claimed", "honest\n").bytes();
  Image image = hello_image({Tar().file("claimed", text).bytes()});
  image.layers[1].diff_id = digest_of(honest);
  image.names = {name};
  return image;
}

const std::string zeros64(64, '0');

constexpr Case cases[] = {
    {"case-3-traversal", "index.json: a digest that is a path",
     [](const Options&) { return index_digest(traversal()); }},
    {"case-3-uppercase", "index.json: a digest in capitals",
     [](const Options&) {
       return changed_index(
           [](Descriptor& d) { d.digest = "sha256:" + upper_case(d.digest.substr(7)); });
     }},
    {"case-3-63-hex", "index.json: a digest of 63 digits",
     [](const Options&) { return changed_index([](Descriptor& d) { d.digest.pop_back(); }); }},
    {"case-3-65-hex", "index.json: a digest of 65 digits",
     [](const Options&) { return changed_index([](Descriptor& d) { d.digest += "0"; }); }},
    {"case-3-unknown-algorithm", "index.json: md5:...",
     [](const Options&) { return index_digest("md5:d41d8cd98f00b204e9800998ecf8427e"); }},
    {"case-3-no-algorithm", "index.json: 64 digits alone",
     [](const Options&) { return index_digest(zeros64); }},
    {"case-3-empty", "index.json: an empty digest",
     [](const Options&) { return index_digest(""); }},
    {"case-3-config-traversal", "manifest: config.digest is a path",
     [](const Options&) {
       return changed_oci([](OciImage& image) { image.config.digest = traversal(); });
     }},
    {"case-3-layer-traversal", "manifest: layers[0].digest is a path",
     [](const Options&) {
       return changed_oci([](OciImage& image) { image.layers[0].digest = traversal(); });
     }},
    {"case-3-diff-id-traversal", "config: a diff id that is a path",
     [](const Options&) {
       return with_diff_ids(array({id(0), json_string(traversal())}));
     }},
    {"case-4-layer-differs", "a layer blob has other bytes than its name says",
     [](const Options&) {
       Files files = oci({oci_image(two_layers())});
       File& layer = member(files, blob_name(oci_image(two_layers()).layers[1]));
       layer.bytes = pack(Tar().file("two", "3\n").bytes(), Packing::gzip);
       return archive(files);
     }},
    {"case-4-config-differs", "the config blob has other bytes",
     [](const Options&) {
       return other_bytes(blob_name(oci_image(two_layers()).config), "/hello", "/hallo");
     }},
    {"case-4-manifest-differs", "the manifest blob has other bytes",
     [](const Options&) {
       return other_bytes(blob_name(oci_image(two_layers()).descriptor()), "\"schemaVersion\":2",
                          "\"schemaVersion\":3");
     }},
    {"case-4-layer-size-short", "manifest: layers[0].size is one less",
     [](const Options&) {
       return changed_oci([](OciImage& image) {
         image.layers[0].size = std::to_string(std::stoul(image.layers[0].size) - 1);
       });
     }},
    {"case-4-layer-size-long", "manifest: layers[0].size is one more",
     [](const Options&) {
       return changed_oci([](OciImage& image) {
         image.layers[0].size = std::to_string(std::stoul(image.layers[0].size) + 1);
       });
     }},
    {"case-4-layer-size-negative", "manifest: layers[0].size is -1",
     [](const Options&) {
       return changed_oci([](OciImage& image) { image.layers[0].size = "-1"; });
     }},
    {"case-4-config-size-short", "manifest: config.size is 10",
     [](const Options&) { return changed_oci([](OciImage& image) { image.config.size = "10"; }); }},
    {"case-4-manifest-size-long", "index.json: size is one more",
     [](const Options&) {
       return changed_index([](Descriptor& d) { d.size = std::to_string(std::stoul(d.size) + 1); });
     }},
    {"case-5-diff-id-mismatch", "legacy: the second diff id is another's",
     [](const Options&) {
       return with_diff_ids(array({id(0), json_string("sha256:" + zeros64)}));
     }},
    {"case-5-diff-id-mismatch-oci", "OCI: the second diff id is another's",
     [](const Options&) {
       return oci_with_diff_ids(array({id(0), json_string("sha256:" + zeros64)}));
     }},
    {"case-5-swapped", "legacy: the layers are in the other order",
     [](const Options&) {
       return with_diff_ids(array({id(1), id(0)}));
     }},
    {"case-5-swapped-oci", "OCI: the layers are in the other order",
     [](const Options&) {
       return oci_with_diff_ids(array({id(1), id(0)}));
     }},
    {"case-5-too-few", "two layers and one diff id",
     [](const Options&) { return with_diff_ids(array({id(0)})); }},
    {"case-5-too-many", "two layers and three diff ids",
     [](const Options&) {
       return with_diff_ids(array({id(0), id(1), id(1)}));
     }},
    {"case-5-none", "two layers and no diff id",
     [](const Options&) { return with_diff_ids("[]"); }},
    {"case-6-honest", "an image",
     [](const Options&) { return archive(legacy({claims("honest\n", "honest:1")})); }},
    {"case-6-liar", "another that claims its diff ids with other bytes",
     [](const Options&) { return archive(legacy({claims("a lie!\n", "liar:1")})); }},
};

}  // namespace

std::span<const Case> digest_cases() { return cases; }

}  // namespace minirun::forge
