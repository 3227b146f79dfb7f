// Images composed in every form that tools save them in. Everything is right unless it is told
// otherwise: any digest, size, diff id, document or blob can be replaced, and what is made is a
// list of members that a test may change before it is written.
//
//     legacy      docker save before 25   <config>.json, <layer id>/{VERSION,json,layer.tar},
//     manifest.json, repositories oci         OCI layout              oci-layout, index.json,
//     blobs/sha256/* docker25    docker save since 25    an OCI layout with manifest.json, which
//     names the blobs
//
// Sources: moby, image/spec/v1.2.md; image-spec, image-layout.md, descriptor.md, manifest.md,
// image-index.md, config.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/forge/json_text.h"
#include "tests/forge/pack.h"
#include "tests/forge/tar_blocks.h"

namespace minirun::forge {

/// A file of the archive or directory.
struct File {
  std::string name;
  std::string bytes;
  char type = '0';        ///< as in tar
  std::string link = {};  ///< of a symlink or hard link
};
using Files = std::vector<File>;

struct Layer {
  std::string tar;
  Packing packing = Packing::none;
  std::optional<std::string> blob = {};        ///< instead of the packed tar
  std::optional<std::string> diff_id = {};     ///< instead of the tar's own
  std::optional<std::string> media_type = {};  ///< instead of what the packing is

  std::string packed() const { return blob ? *blob : pack(tar, packing); }
};

struct Image {
  std::vector<Layer> layers;
  std::vector<std::string> names = {"forged:latest"};
  /// The object "config" of the config: what to run.
  Members run = {{"Env", R"(["PATH=/bin:/usr/bin"])"}, {"Cmd", R"(["/hello"])"}};
  std::string os = "linux";
  std::string architecture;  ///< empty: the machine's
  std::optional<std::string> variant = {};
  std::optional<std::string> config = {};    ///< the whole config's text
  std::optional<std::string> diff_ids = {};  ///< the array in the config, as JSON
};

/// "sha256:..." of the bytes.
std::string digest_of(std::string_view bytes);
/// The config's text.
std::string config_text(const Image& image);

/// What points to a blob. `size` is JSON text.
struct Descriptor {
  std::string media_type;
  std::string digest;
  std::string size;
  Members more = {};  ///< "annotations", "platform"

  std::string json() const;
};

/// The media types of image-spec, without their common beginning "application/vnd.oci.image.".
constexpr std::string_view manifest_type = "manifest.v1+json";
constexpr std::string_view index_type = "index.v1+json";
constexpr std::string_view config_type = "config.v1+json";

/// `type` is one of the above.
Descriptor describe(std::string_view type, std::string_view bytes);
/// "blobs/sha256/<hex>" with the bytes.
File blob(std::string_view bytes);

/// An image in OCI form before it is put together; change what you like.
struct OciImage {
  Descriptor config;
  std::vector<Descriptor> layers;
  Members more = {};  ///< of the manifest
  Files blobs;        ///< config and layers
  std::vector<std::string> names;

  std::string manifest() const;
  /// The manifest's descriptor, annotated with the first name.
  Descriptor descriptor() const;
};

OciImage oci_image(const Image& image);

/// An index (or index.json) of descriptors.
std::string index_text(const std::vector<Descriptor>& manifests);
/// oci-layout, index.json and the blobs, those of the same name once.
Files oci_layout(const std::string& index, const Files& blobs);

Files legacy(const std::vector<Image>& images);
Files oci(const std::vector<OciImage>& images);
Files docker25(const std::vector<Image>& images);

/// The member of that name. Throws Error if there is none: a case that changes nothing would prove
/// nothing.
File& member(Files& files, std::string_view name);
/// Replaces `from`, which must be there once, in the member of that name.
void change(Files& files, std::string_view name, std::string_view from, std::string_view to);

/// The files as a tar archive.
Tar archive_of(const Files& files);

}  // namespace minirun::forge
