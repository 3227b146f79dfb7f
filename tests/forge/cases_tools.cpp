// What tools write that are not docker save, or one of its versions: after archives in public bug
// reports. What docker, podman and skopeo do with them stands at the tests.
#include <algorithm>

#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

Image named_image(const std::string& name) {
  Image image = noted_image();
  image.names = name.empty() ? std::vector<std::string>{} : std::vector{name};
  image.run.emplace_back("Labels", object({{"name", json_string(name)}}));
  return image;
}

/// docker save 25.0 by id: the index names nothing.
Files untagged_docker25() {
  Files files = docker25({named_image("")});
  member(files, "index.json").bytes =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":null})";
  return files;
}

/// docker save NAME ID, 25 to 29: the index has only the image with the name.
Files name_and_id() {
  const Image one = named_image("one:1");
  Files files = docker25({one, named_image("")});
  member(files, "index.json").bytes = index_text({oci_image(one).descriptor()});
  return files;
}

/// docker save 25.0: the index's manifest has the layers in another order than manifest.json.
Files other_order() {
  const Image image = named_image("forged:latest");
  OciImage oci = oci_image(image);
  std::reverse(oci.layers.begin(), oci.layers.end());
  Files files = docker25({image});
  files.push_back(blob(oci.manifest()));
  member(files, "index.json").bytes = index_text({oci.descriptor()});
  return files;
}

/// apko build: config and manifest are members "sha256:HEX", and layers "HEX.tar.gz".
Files apko() {
  const Image image = noted_image(Packing::gzip);
  const OciImage oci = oci_image(image);
  Files files;
  std::vector<std::string> layers;
  for (const Layer& layer : image.layers) {
    layers.push_back(digest_of(layer.packed()).substr(7) + ".tar.gz");
    files.push_back({layers.back(), layer.packed()});
  }
  const std::string config = digest_of(config_text(image));
  files.push_back({config, config_text(image)});
  std::vector<std::string> quoted;
  for (const std::string& layer : layers) quoted.push_back(json_string(layer));
  files.push_back({"manifest.json", array({object({{"Config", json_string(config)},
                                                   {"RepoTags", R"(["forged:latest"])"},
                                                   {"Layers", array(quoted)}})})});
  files.push_back({digest_of(oci.manifest()), oci.manifest()});
  files.push_back({"index.json", index_text({describe(manifest_type, oci.manifest())})});
  return files;
}

Descriptor tagged(const OciImage& image, const std::string& tag) {
  Descriptor found = describe(manifest_type, image.manifest());
  found.more.emplace_back("annotations",
                          object({{"org.opencontainers.image.ref.name", json_string(tag)}}));
  return found;
}

/// skopeo copy ... oci:DIR:TAG, and umoci: the index has bare tags.
Files two_tags() {
  const OciImage first = oci_image(named_image("first"));
  const OciImage second = oci_image(named_image("second"));
  Files blobs = first.blobs;
  blobs.insert(blobs.end(), second.blobs.begin(), second.blobs.end());
  for (const OciImage& image : {first, second}) blobs.push_back(blob(image.manifest()));
  return oci_layout(index_text({tagged(first, "latest"), tagged(second, "v2")}), blobs);
}

/// Every member's name with `before` in front, in the tar's headers or in manifest.json.
Files prefixed(const std::string& in_headers, const std::string& in_manifest) {
  Files files = legacy({noted_image()});
  for (File& file : files) {
    if (file.name == "manifest.json") {
      for (const std::string_view start : {"\"Config\":\"", "\"Layers\":[\"", "layer.tar\",\""}) {
        const size_t at = file.bytes.find(start);
        if (at == std::string::npos) throw Error(cat("forge: no ", start));
        file.bytes.insert(at + start.size(), in_manifest);
      }
    }
    file.name = in_headers + file.name;
  }
  return files;
}

/// A repack that stores equal files once: layer.tar is a hard link to a member of another name.
Files hard_linked(const std::string& target, bool is_chain) {
  Files files = legacy({noted_image()});
  for (size_t i = 0; i < files.size(); ++i) {
    if (!files[i].name.ends_with("/layer.tar")) continue;
    const std::string name = files[i].name;
    const std::string first = cat("first-", i);
    const std::string second = cat("second-", i);
    files[i].name = first;
    if (is_chain) files.insert(files.begin() + static_cast<long>(++i), {second, "", '1', first});
    files.insert(files.begin() + static_cast<long>(++i), {name, "", '1',
                                                          !target.empty() ? target
                                                          : is_chain      ? second
                                                                          : "./" + first});
  }
  return files;
}

/// An OCI layout whose second layer's descriptor is another.
Files other_layer(const std::string& media_type, const Members& more, bool is_there) {
  OciImage image = oci_image(noted_image());
  image.layers[1].media_type = media_type;
  image.layers[1].more = more;
  const std::string name = "blobs/sha256/" + image.layers[1].digest.substr(7);
  Files files = oci({image});
  if (!is_there) std::erase_if(files, [&](const File& file) { return file.name == name; });
  return files;
}

/// skopeo copy ... dir:DIR, podman save --format docker-dir: a registry's manifest, and blobs by
/// their digits.
Files skopeo_dir() {
  const OciImage image = oci_image(noted_image(Packing::gzip));
  Files files = {{"version", "Directory Transport Version: 1.1\n"},
                 {"manifest.json", image.manifest()}};
  for (const File& blob : image.blobs) {
    files.push_back({blob.name.substr(std::string_view("blobs/sha256/").size()), blob.bytes});
  }
  return files;
}

/// An image whose /bin is a symlink to usr/bin, and a layer on top that brings bin/tool.
Image merged_usr_image(const Options& options, Tar upper) {
  Image image = shell_image(options, {});
  Tar lower;
  lower.dir("usr/").dir("usr/bin/").symlink("bin", "usr/bin");
  lower.file("usr/bin/hello", program_that_says(hello_text), 0755).file("usr/bin/sh", "", 0755);
  image.layers = {{lower.bytes()}, {upper.file("bin/tool", "x", 0755).bytes()}};
  image.run = {{"Cmd", R"(["/usr/bin/hello"])"}};
  return image;
}

/// docker save before 1.10: repositories, and a directory for each layer that names the one below.
Files before_110() {
  const Image image = noted_image();
  Files files;
  std::string id;
  for (const Layer& layer : image.layers) {
    Members json = {{"created", R"("2015-03-20T00:00:00Z")"},
                    {"docker_version", R"("1.5.0")"},
                    {"architecture", json_string(host_architecture())},
                    {"os", R"("linux")"},
                    {"config", object(image.run)}};
    if (!id.empty()) json.emplace_back("parent", json_string(id));
    id = digest_of(id + layer.tar).substr(7);
    json.emplace_back("id", json_string(id));
    files.push_back({id + "/", "", '5', ""});
    files.push_back({id + "/VERSION", "1.0"});
    files.push_back({id + "/json", object(json)});
    files.push_back({id + "/layer.tar", layer.tar});
  }
  files.push_back({"repositories", object({{"forged", object({{"latest", json_string(id)}})}})});
  return files;
}

constexpr std::string_view foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar";

std::string hello_archive() { return archive_of(legacy({hello_image()})).bytes(); }

/// What PowerShell 5's `>` makes of a program's output.
std::string as_utf16(const std::string& bytes) {
  std::string wide = "\xff\xfe";
  for (const char byte : bytes) {
    wide += byte;
    wide += '\0';
  }
  return wide;
}

/// What a transfer in text mode makes of it.
std::string with_crlf(const std::string& bytes) {
  std::string changed;
  for (const char byte : bytes) {
    if (byte == '\n') changed += '\r';
    changed += byte;
  }
  return changed;
}

Product file_of(std::string bytes) { return ArchiveFile{std::move(bytes)}; }

constexpr Case cases[] = {
    {"good-docker25-untagged", "docker save 25.0 by id: \"manifests\": null",
     [](const Options&) { return archive(untagged_docker25()); }},
    {"good-docker25-other-order", "docker save 25.0: layers in another order in the index",
     [](const Options&) { return archive(other_order()); }},
    {"good-apko", "apko build: members named sha256:HEX",
     [](const Options&) { return archive(apko()); }},
    {"good-slash-in-manifest", "manifest.json names /x, the headers x",
     [](const Options&) { return archive(prefixed("", "/")); }},
    {"good-slash-in-headers", "manifest.json names x, the headers /x",
     [](const Options&) { return archive(prefixed("/", "")); }},
    {"good-dot-slash-in-headers", "manifest.json names /x, the headers ./x",
     [](const Options&) { return archive(prefixed("./", "/")); }},
    {"good-hard-linked-layers", "layers are hard links among members",
     [](const Options&) { return archive(hard_linked("", false)); }},
    {"good-hard-linked-twice", "layers are hard links to hard links",
     [](const Options&) { return archive(hard_linked("", true)); }},
    {"good-docker-before-1.10", "docker save before 1.10: repositories, json with parent",
     [](const Options&) { return archive(before_110()); }},
    {"good-docker-before-1.10-dir", "the same, unpacked",
     [](const Options&) -> Product { return before_110(); }},
    {"good-architecture-of-uname", "the config says x86_64 or aarch64 for amd64 or arm64",
     [](const Options&) {
       Image image = hello_image();
       image.architecture = host_architecture() == "amd64" ? "x86_64" : "aarch64";
       return archive(legacy({image}));
     }},
    {"good-foreign-layer-there", "a layer with urls, which is in the archive",
     [](const Options&) {
       return archive(
           other_layer(std::string(foreign), {{"urls", R"(["https://example.com/l"])"}}, true));
     }},
    {"tool-docker25-name-and-id", "docker save NAME ID: the index has only the first",
     [](const Options&) { return archive(name_and_id()); }},
    {"tool-oci-two-tags", "skopeo, umoci: two images with bare tags",
     [](const Options&) { return archive(two_tags()); }},
    {"tool-oci-two-tags-dir", "the same as a directory",
     [](const Options&) -> Product { return two_tags(); }},
    {"case-1-hard-link-outside", "layers are hard links to victim/layer.tar",
     [](const Options& o) {
       return archive(hard_linked("../../../../../.." + o.victim + "/layer.tar", false));
     }},
    {"case-1-hard-link-absolute", "layers are hard links to victim/layer.tar, absolute",
     [](const Options& o) { return archive(hard_linked(o.victim + "/layer.tar", false)); }},
    {"tool-foreign-layer", "a layer with urls, which is not in the archive",
     [](const Options&) {
       return archive(
           other_layer(std::string(foreign), {{"urls", R"(["https://example.com/l"])"}}, false));
     }},
    {"tool-encrypted-layer", "a layer that ocicrypt encrypted",
     [](const Options&) {
       return archive(other_layer("application/vnd.oci.image.layer.v1.tar+encrypted", {}, true));
     }},
    {"tool-hard-link-to-lower-layer", "a hard link to a file of the layer below",
     [](const Options&) { return on_hello(Tar().hardlink("again", "hello")); }},
    {"tool-directory-over-symlink", "bin/tool over an image whose bin is a symlink to usr/bin",
     [](const Options& o) { return archive(legacy({merged_usr_image(o, {})})); }},
    {"tool-opaque-over-symlink", "the same, with a directory that is opaque on purpose",
     [](const Options& o) {
       return archive(legacy({merged_usr_image(o, Tar().dir("bin/").file("bin/.wh..wh..opq"))}));
     }},
    {"tool-skopeo-dir", "skopeo's dir:", [](const Options&) -> Product { return skopeo_dir(); }},
    {"tool-skopeo-dir-tar", "skopeo's dir: in a tar",
     [](const Options&) { return archive(skopeo_dir()); }},
    {"tool-utf16", "docker save > FILE in PowerShell",
     [](const Options&) { return file_of(as_utf16(hello_archive())); }},
    {"tool-line-before-tar", "a warning in front of the archive",
     [](const Options&) { return file_of("WARNING: no swap limit support\n" + hello_archive()); }},
    {"tool-line-before-gzip", "a warning in front of the compressed archive",
     [](const Options&) {
       return file_of("Warning: something\n" + pack(hello_archive(), Packing::gzip));
     }},
    {"tool-crlf", "an archive whose line ends were changed to CR LF",
     [](const Options&) { return file_of(with_crlf("\n" + hello_archive()).substr(2)); }},
    {"tool-crlf-gzip", "a gzip whose line ends were changed to CR LF",
     [](const Options&) {
       return file_of(with_crlf(pack(hello_archive() + std::string(2000, '\0'), Packing::gzip)));
     }},
    {"tool-git-lfs", "a Git LFS pointer",
     [](const Options&) {
       return file_of(cat("version https://git-lfs.github.com/spec/v1\noid ",
                          digest_of(hello_archive()), "\nsize 12345\n"));
     }},
    {"tool-html", "a page that says that the download failed",
     [](const Options&) {
       return file_of("\n<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n");
     }},
};

}  // namespace

std::span<const Case> tool_cases() { return cases; }

}  // namespace minirun::forge
