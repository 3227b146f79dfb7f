// What has to work: the forms of docker save and podman save, every packing, every number of
// layers.
#include <algorithm>

#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

Product legacy_packed(Packing packing) {
  return ArchiveFile{pack(archive_of(legacy({noted_image()})).bytes(), packing)};
}

/// Each layer as <sha>.tar, and <id>/layer.tar a symlink to it. podman's manifest.json has the
/// first names; a reader that goes by the second has to follow one symlink inside the archive (case
/// 2).
Files symlinked_layers(bool manifest_names_links) {
  Files files = legacy({noted_image()});
  Files blobs;
  for (File& file : files) {
    if (!file.name.ends_with("/layer.tar")) continue;
    const std::string link = file.name;
    const std::string name = digest_of(file.bytes).substr(7) + ".tar";
    blobs.push_back({name, file.bytes});
    file = {link, "", '2', "../" + name};
    if (!manifest_names_links) change(files, "manifest.json", link, name);
  }
  files.insert(files.begin(), blobs.begin(), blobs.end());
  return files;
}

Files renamed(Files files, const std::string& before) {
  for (File& file : files) file.name = before + file.name;
  return files;
}

std::vector<Image> two_images() {
  Image one = hello_image();
  Image two = noted_image();
  one.names = {"one:1"};
  two.names = {"two:2"};
  return {one, two};
}

Image many_layers(int count) {
  Image image = hello_image();
  for (int i = 2; i <= count; ++i) {
    image.layers.push_back({Tar().dir("n/").file(cat("n/", i), cat(i, "\n")).bytes()});
  }
  return image;
}

Image with_empty_layers(const std::vector<std::string>& layers) {
  Image image = hello_image(layers);
  return image;
}

/// What this version does not know must not disturb it; null is absent.
Image with_unknown_and_null() {
  Image image = noted_image();
  image.run = {
      {"Hostname", json_string("")}, {"AttachStdin", "false"},   {"Env", "null"},
      {"Cmd", R"(["/hello"])"},      {"Entrypoint", "null"},     {"Volumes", "null"},
      {"OnBuild", "null"},           {"Labels", R"({"a":"b"})"}, {"Future", R"({"x":[1,2.5]})"}};
  return image;
}

Files without(Files files, std::string_view name) {
  std::erase_if(files, [&](const File& file) { return file.name == name; });
  return files;
}

Files manifest_first(Files files) {
  std::stable_partition(files.begin(), files.end(),
                        [](const File& file) { return file.name == "manifest.json"; });
  return files;
}

/// Two gzip members, one after the other: pigz -i, bgzip and cat(1) make such.
Product two_gzip_members() {
  const std::string bytes = archive_of(legacy({noted_image()})).bytes();
  return ArchiveFile{pack(std::string_view(bytes).substr(0, 700), Packing::gzip) +
                     pack(std::string_view(bytes).substr(700), Packing::gzip)};
}

/// A name over 100 bytes, once as GNU tar writes it and once as pax does.
Product long_names(const Options& options) {
  const std::string gnu = std::string(120, 'g') + "/" + std::string(200, 'n');
  const std::string pax = std::string(120, 'p') + "/" + std::string(200, 'x');
  Header cut;
  cut.name = gnu.substr(0, 100);
  return on_shell(options, {Tar().gnu_long(gnu).add(cut, "gnu\n").file(pax, "pax\n")});
}

Image entrypoint_only() {
  Image image = noted_image();
  image.run = {{"Entrypoint", R"(["/hello"])"}};
  return image;
}

constexpr Case cases[] = {
    {"good-legacy", "docker save before 25",
     [](const Options&) { return archive(legacy({noted_image()})); }},
    {"good-gzip", "the same, gzip'd", [](const Options&) { return legacy_packed(Packing::gzip); }},
    {"good-bzip2", "the same, bzip2'd",
     [](const Options&) { return legacy_packed(Packing::bzip2); }},
    {"good-xz", "the same, xz'd", [](const Options&) { return legacy_packed(Packing::xz); }},
    {"good-zstd", "the same, zstd'd", [](const Options&) { return legacy_packed(Packing::zstd); }},
    {"good-two-gzip-members", "the same, as two gzip members",
     [](const Options&) { return two_gzip_members(); }},
    {"good-gzip-layers", "the legacy form with gzip'd layers",
     [](const Options&) { return archive(legacy({noted_image(Packing::gzip)})); }},
    {"good-no-repositories", "no file `repositories`",
     [](const Options&) { return archive(without(legacy({noted_image()}), "repositories")); }},
    {"good-untagged", "RepoTags is null",
     [](const Options&) {
       Image image = noted_image();
       image.names.clear();
       return archive(legacy({image}));
     }},
    {"good-two-tags", "two names for one image",
     [](const Options&) {
       Image image = noted_image();
       image.names = {"forged:latest", "forged:two"};
       return archive(legacy({image}));
     }},
    {"good-manifest-first", "manifest.json is the first member",
     [](const Options&) { return archive(manifest_first(legacy({noted_image()}))); }},
    {"good-dotslash", "every member's name begins with ./",
     [](const Options&) { return archive(renamed(legacy({noted_image()}), "./")); }},
    {"good-podman-symlinks", "layers are <sha>.tar, with symlinks <id>/layer.tar beside them",
     [](const Options&) { return archive(symlinked_layers(false)); }},
    {"good-layer-symlinks", "case 2: the manifest names <id>/layer.tar, a symlink to <sha>.tar",
     [](const Options&) { return archive(symlinked_layers(true)); }},
    {"good-docker25", "docker save since 25: OCI layout and manifest.json",
     [](const Options&) { return archive(docker25({noted_image()})); }},
    {"good-docker25-dir", "the same as a directory",
     [](const Options&) -> Product { return docker25({noted_image()}); }},
    {"good-two-images", "two images, one:1 and two:2",
     [](const Options&) { return archive(legacy(two_images())); }},
    {"good-two-images-docker25", "the same as docker 25 saves them",
     [](const Options&) { return archive(docker25(two_images())); }},
    {"good-empty-layer", "case 15: a layer of 0 bytes",
     [](const Options&) { return archive(legacy({with_empty_layers({""})})); }},
    {"good-zeros-layer", "case 15: a layer of 1,024 zeros",
     [](const Options&) {
       return archive(legacy({with_empty_layers({std::string(1024, '\0')})}));
     }},
    {"good-same-empty-layer-twice", "case 15: one empty layer, twice",
     [](const Options&) {
       return archive(
           legacy({with_empty_layers({std::string(1024, '\0'), std::string(1024, '\0')})}));
     }},
    {"good-127-layers", "case 15: 127 layers",
     [](const Options&) { return archive(legacy({many_layers(127)})); }},
    {"case-15-600-layers", "more layers than the kernel stacks (500)",
     [](const Options&) { return archive(legacy({many_layers(600)})); }},
    {"good-unknown-and-null", "unknown members and null in the config",
     [](const Options&) { return archive(legacy({with_unknown_and_null()})); }},
    {"good-entrypoint-only", "Entrypoint and no Cmd",
     [](const Options&) { return archive(legacy({entrypoint_only()})); }},
    {"good-shell", "an image with busybox's shell",
     [](const Options& options) { return on_shell(options, {}); }},
    {"good-long-names", "names over 100 bytes, GNU's and pax'",
     [](const Options& options) { return long_names(options); }},
};

}  // namespace

std::span<const Case> good_cases() { return cases; }

}  // namespace minirun::forge
