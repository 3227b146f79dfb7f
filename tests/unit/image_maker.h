// Saved images made by hand, right or wrong on purpose: tar archives in memory, and the documents
// in them.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <map>
#include <string>
#include <vector>

#include "image/digest.h"

namespace minirun::test {

/// A ustar archive that grows by a member a call.
class TarMaker {
 public:
  TarMaker& file(const std::string& name, const std::string& content) {
    return add(name, '0', content, "");
  }
  TarMaker& directory(const std::string& name) { return add(name, '5', "", ""); }
  TarMaker& symlink(const std::string& name, const std::string& target) {
    return add(name, '2', "", target);
  }
  TarMaker& hardlink(const std::string& name, const std::string& target) {
    return add(name, '1', "", target);
  }
  std::string done() const { return bytes_ + std::string(1024, '\0'); }

 private:
  static std::string octal(uint64_t number, size_t width) {
    std::string digits(width - 1, '0');
    for (size_t i = width - 1; i-- > 0; number /= 8)
      digits[i] = static_cast<char>('0' + number % 8);
    return digits + '\0';
  }
  TarMaker& add(const std::string& name, char type, const std::string& content,
                const std::string& target) {
    std::string block(512, '\0');
    const auto put = [&block](size_t at, const std::string& text) {
      block.replace(at, text.size(), text);
    };
    put(0, name);
    put(100, octal(type == '5' ? 0755 : 0644, 8));
    put(108, octal(::geteuid(), 8));  // so that a tester who isn't root may make the file
    put(116, octal(::getegid(), 8));
    put(124, octal(content.size(), 12));
    put(136, octal(1, 12));
    put(148, "        ");
    block[156] = type;
    put(157, target);
    put(257, std::string("ustar\0"
                         "00",
                         8));
    uint64_t sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    put(148, octal(sum, 7) + " ");
    bytes_ += block + content + std::string((512 - content.size() % 512) % 512, '\0');
    return *this;
  }
  std::string bytes_;
};

inline std::string gzip(const std::string& bytes) {
  z_stream stream{};
  if (::deflateInit2(&stream, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib reads only
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

inline std::string quoted(const std::string& text) { return "\"" + text + "\""; }

inline std::string array(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() == 1 ? "" : ",") + item;
  return text + "]";
}

/// A config for these layers (the bytes of their tars).
inline std::string config_of(const std::vector<std::string>& layers,
                             const std::string& architecture = "amd64") {
  std::vector<std::string> ids;
  for (const std::string& layer : layers) ids.push_back(quoted(image::sha256(layer).str()));
  return R"({"os":"linux","architecture":")" + architecture +
         R"(","config":{"Cmd":["/hello"]},"rootfs":{"type":"layers","diff_ids":)" + array(ids) +
         "}}";
}

/// What docker save 20 writes, in the order in which it does: the manifest last.
struct DockerImage {
  std::string name;  ///< empty: null
  std::vector<std::string> layers;
  std::string config;

  DockerImage(std::string called, std::vector<std::string> tars,
              const std::string& architecture = "amd64")
      : name(std::move(called)), layers(std::move(tars)), config(config_of(layers, architecture)) {}

  std::string config_member() const { return image::sha256(config).hex() + ".json"; }
  std::string layer_member(size_t i) const { return image::sha256(layers[i]).hex() + "/layer.tar"; }
  std::string element() const {
    std::vector<std::string> members;
    for (size_t i = 0; i < layers.size(); ++i) members.push_back(quoted(layer_member(i)));
    return R"({"Config":")" + config_member() + R"(","RepoTags":)" +
           (name.empty() ? "null" : array({quoted(name)})) + R"(,"Layers":)" + array(members) + "}";
  }
  void add_members(TarMaker& tar) const {
    tar.file(config_member(), config);
    for (size_t i = 0; i < layers.size(); ++i) tar.file(layer_member(i), layers[i]);
  }
};

inline std::string docker_archive(const std::vector<DockerImage>& images) {
  TarMaker tar;
  std::vector<std::string> elements;
  for (const DockerImage& image : images) {
    image.add_members(tar);
    elements.push_back(image.element());
  }
  return tar.file("manifest.json", array(elements)).done();
}

/// Blobs by digest, as an OCI layout has them.
class Blobs {
 public:
  /// Adds a blob; its descriptor, with `more` members (",\"platform\":…").
  std::string add(const std::string& type, const std::string& bytes, const std::string& more = "") {
    const auto digest = image::sha256(bytes);
    members["blobs/sha256/" + digest.hex()] = bytes;
    return R"({"mediaType":")" + type + R"(","digest":")" + digest.str() + R"(","size":)" +
           std::to_string(bytes.size()) + more + "}";
  }
  std::string add_manifest(const std::vector<std::string>& layers, const std::string& architecture,
                           const std::string& more = "") {
    std::vector<std::string> descriptors;
    for (const std::string& layer : layers)
      descriptors.push_back(add("application/vnd.oci.image.layer.v1.tar", layer));
    const std::string config =
        add("application/vnd.oci.image.config.v1+json", config_of(layers, architecture));
    return add(
        "application/vnd.oci.image.manifest.v1+json",
        R"({"schemaVersion":2,"config":)" + config + R"(,"layers":)" + array(descriptors) + "}",
        more);
  }
  void set_index(const std::vector<std::string>& descriptors) {
    members["index.json"] = R"({"schemaVersion":2,"manifests":)" + array(descriptors) + "}";
    members["oci-layout"] = R"({"imageLayoutVersion":"1.0.0"})";
  }
  std::string tar(const std::string& before = "") const {
    TarMaker made;
    for (const auto& [name, bytes] : members) made.file(before + name, bytes);
    return made.done();
  }

  std::map<std::string, std::string> members;
};

}  // namespace minirun::test
