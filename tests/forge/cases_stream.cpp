// Cases 11 to 14: compressed streams that are damaged, cut off or too long, and zeros without end.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

std::string plain() { return archive_of(legacy({hello_image()})).bytes(); }

std::string flipped(std::string bytes, size_t from_end) {
  char& byte = bytes[bytes.size() - from_end];
  byte = static_cast<char>(byte ^ 1);
  return bytes;
}

std::string cut(const std::string& bytes, size_t parts, size_t of) {
  return bytes.substr(0, bytes.size() * parts / of);
}

/// An archive, itself plain, whose top layer is these bytes; the diff id is that of the tar they
/// should unpack to.
Product layer_blob(const std::string& blob_bytes) {
  Image image = hello_image();
  image.layers[0].blob = blob_bytes;
  return archive(legacy({image}));
}

std::string good_gzip() { return pack(plain(), Packing::gzip); }
std::string good_layer(Packing packing) { return pack(hello_layer(), packing); }

constexpr uint64_t eight_gib = uint64_t{8} << 30;
constexpr uint64_t two_gib = uint64_t{2} << 30;

/// SHA-256 of Tar().file("zeros-follow", "1\n").bytes() and two_gib of zeros: too slow to compute
/// each time.
constexpr std::string_view zeros_diff_id =
    "sha256:543c204e9eb2e0a876574c9111b53101a476f625b712891943ea0091e3a3adec";

Product zeros_after_layer() {
  const std::string tar = Tar().file("zeros-follow", "1\n").bytes();
  Image image = hello_image({tar});
  image.layers[1].diff_id = zeros_diff_id;
  image.layers[1].blob = GzipStream().add(tar).zeros(two_gib).finish();
  return archive(legacy({image}));
}

/// The image's own xz, which leaves a mark if anything ever runs it.
Product ships_xz(const Options& options) {
  const std::string script = cat("#!/bin/sh\necho ran >> ", options.victim, "/xz-was-run\ncat\n");
  Tar layer;
  for (const char* const name : {"xz", "unxz", "xzcat", "gzip", "unpigz", "zstd", "bzip2"}) {
    layer.file(cat("usr/bin/", name), script, 0755);
  }
  Image image = hello_image({layer.bytes()});
  image.layers[1].packing = Packing::zstd;
  return ArchiveFile{pack(archive_of(legacy({image})).bytes(), Packing::xz)};
}

constexpr Case cases[] = {
    {"case-11-bad-crc", "gzip: the checksum is wrong",
     [](const Options&) -> Product { return ArchiveFile{flipped(good_gzip(), 8)}; }},
    {"case-11-bad-size", "gzip: the size at the end is wrong",
     [](const Options&) -> Product { return ArchiveFile{flipped(good_gzip(), 4)}; }},
    {"case-11-trailing-junk", "gzip: text after the end",
     [](const Options&) -> Product { return ArchiveFile{good_gzip() + "and now for something"}; }},
    {"case-11-gzip-in-gzip", "gzip in gzip",
     [](const Options&) -> Product { return ArchiveFile{pack(good_gzip(), Packing::gzip)}; }},
    {"case-11-layer-bad-crc", "a gzip'd layer whose checksum is wrong",
     [](const Options&) { return layer_blob(flipped(good_layer(Packing::gzip), 8)); }},
    {"case-11-layer-trailing-junk", "a gzip'd layer with text after its end",
     [](const Options&) { return layer_blob(good_layer(Packing::gzip) + "junk junk junk"); }},
    {"case-11-layer-gzip-in-gzip", "a layer gzip'd twice",
     [](const Options&) { return layer_blob(pack(good_layer(Packing::gzip), Packing::gzip)); }},
    {"case-12-gzip", "gzip, cut off in the middle",
     [](const Options&) -> Product { return ArchiveFile{cut(good_gzip(), 1, 2)}; }},
    {"case-12-gzip-trailer", "gzip, the last 4 bytes are missing",
     [](const Options&) -> Product {
       const std::string bytes = good_gzip();
       return ArchiveFile{bytes.substr(0, bytes.size() - 4)};
     }},
    {"case-12-bzip2", "bzip2, cut off in the middle",
     [](const Options&) -> Product {
       return ArchiveFile{cut(pack(plain(), Packing::bzip2), 1, 2)};
     }},
    {"case-12-xz", "xz, cut off in the middle",
     [](const Options&) -> Product { return ArchiveFile{cut(pack(plain(), Packing::xz), 1, 2)}; }},
    {"case-12-zstd", "zstd, cut off in the middle",
     [](const Options&) -> Product {
       return ArchiveFile{cut(pack(plain(), Packing::zstd), 1, 2)};
     }},
    {"case-12-layer-gzip", "a gzip'd layer, cut off",
     [](const Options&) { return layer_blob(cut(good_layer(Packing::gzip), 3, 4)); }},
    {"case-12-layer-zstd", "a zstd'd layer, cut off",
     [](const Options&) { return layer_blob(cut(good_layer(Packing::zstd), 3, 4)); }},
    {"case-12-layer-tar", "a plain layer, cut off in a file",
     [](const Options&) {
       Image image = hello_image({Tar().file("f", std::string(4000, 'f')).bytes().substr(0, 1536)});
       return archive(legacy({image}));
     }},
    {"case-12-tar", "a plain archive, cut off in a layer",
     [](const Options&) -> Product { return ArchiveFile{plain().substr(0, 2300)}; }},
    {"case-13-zeros-after-archive", "8 GiB of zeros after the archive's end (a hole)",
     [](const Options&) -> Product {
       return ArchiveFile{plain(), eight_gib};
     }},
    {"case-13-zeros-after-layer", "2 GiB of zeros after a gzip'd layer's end",
     [](const Options&) { return zeros_after_layer(); }},
    {"case-14-ships-xz", "an xz'd archive that ships /usr/bin/xz",
     [](const Options& o) { return ships_xz(o); }},
};

}  // namespace

std::span<const Case> stream_cases() { return cases; }

}  // namespace minirun::forge
