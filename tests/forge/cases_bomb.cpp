// Cases 53 to 56: small archives that unpack to more than a machine has.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

constexpr uint64_t mib = 1 << 20;
constexpr uint64_t gib = 1 << 30;

/// The header of a file of `size` bytes.
std::string file_header(const std::string& name, uint64_t size) {
  Header header;
  header.name = name;
  return header_block(header, size);
}

/// An archive whose second layer is `blob`. Its diff id is not known: it is refused before it could
/// matter.
Files with_layer(const std::string& blob) {
  Image image = hello_image({""});
  image.layers[1].blob = blob;
  return legacy({image});
}

std::string gzip_bomb(uint64_t size) {
  return GzipStream()
      .add(file_header("zeros", size))
      .zeros(size)
      .add(std::string(1024, '\0'))
      .finish();
}

/// Frames, one after the other, are one zstd stream.
std::string zstd_bomb(uint64_t size) {
  constexpr uint64_t part = 128 * mib;
  std::string bomb = pack(file_header("zeros", size), Packing::zstd);
  const std::string frame = pack(std::string(part, '\0'), Packing::zstd);
  for (uint64_t i = 0; i < size / part; ++i) bomb += frame;
  return bomb + pack(std::string(1024, '\0'), Packing::zstd);
}

std::string xz_bomb() {
  return pack(
      archive_of(with_layer(Tar().file("zeros", std::string(32 * mib, '\0')).bytes())).bytes(),
      Packing::xz);
}

/// A hole of 2^61 bytes, as GNU tar's pax format 1.0 has it: the map stands before the data.
Tar sparse_pax(uint64_t size) {
  std::string map = cat("1\n", size - 512, "\n512\n");
  map.resize(512, '\0');
  Header header;
  header.name = "GNUSparseFile.1/sparse";
  return Tar()
      .pax(pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
           pax_record("GNU.sparse.name", "sparse") +
           pax_record("GNU.sparse.realsize", std::to_string(size)))
      .add(header, map + std::string(512, 'x'));
}

/// The same in GNU tar's old format, an entry of type S.
Tar sparse_old(uint64_t size) {
  Header header;
  header.name = "sparse";
  header.type = 'S';
  header.raw = {{field::magic, std::string("ustar  \0", 8)},
                {field::sparse_offset, base256(static_cast<int64_t>(size - 512), 12)},
                {field::sparse_length, base256(512, 12)},
                {field::sparse_real_size, base256(static_cast<int64_t>(size), 12)}};
  return Tar().add_sized(header, 512, std::string(512, 'x'));
}

/// Two million entries are cheap to write down where a thousand stand two thousand times. The
/// root's own costs the kernel least.
std::string many_entries() {
  Tar thousand;
  for (int i = 0; i < 1000; ++i) thousand.dir("./");
  return GzipStream().add(thousand.open_ended(), 2010).add(std::string(1024, '\0')).finish();
}

Image many_directories(int count) {
  Tar tar;
  for (int i = 0; i < count; ++i) tar.dir(cat("dir-", i, "/"), 0711);
  Image image = hello_image({tar.bytes()});
  image.layers[1].packing = Packing::zstd;
  return image;
}

/// Entries without content take room as well.
Image many_links(int count) {
  Tar tar;
  for (int i = 0; i < count; ++i) tar.symlink(cat("link-", i), std::string(200, 'x'));
  Image image = hello_image({tar.bytes()});
  image.layers[1].packing = Packing::zstd;
  return image;
}

Image many_attributes(int count) {
  const std::string attribute = pax_record("SCHILY.xattr.user.x", std::string(3000, 'x'));
  Tar tar;
  for (int i = 0; i < count; ++i) tar.pax(attribute).file(cat("file-", i), "");
  Image image = hello_image({tar.bytes()});
  image.layers[1].packing = Packing::zstd;
  return image;
}

constexpr Case cases[] = {
    {"case-53-gzip", "a gzip'd layer of 8 GiB, 1:1,000",
     [](const Options&) { return archive(with_layer(gzip_bomb(8 * gib))); }},
    {"case-53-gzip-twice", "the same in a gzip'd archive, 1:100,000",
     [](const Options&) -> Product {
       return ArchiveFile{pack(archive_of(with_layer(gzip_bomb(8 * gib))).bytes(), Packing::gzip)};
     }},
    {"case-53-zstd", "a zstd'd layer of 16 GiB, 1:30,000",
     [](const Options&) { return archive(with_layer(zstd_bomb(16 * gib))); }},
    {"case-53-xz", "an xz'd archive with a layer of 32 MiB, 1:7,000",
     [](const Options&) -> Product { return ArchiveFile{xz_bomb()}; }},
    {"case-53-directories", "20,000 directories: 80 MB on a disk",
     [](const Options&) { return archive(legacy({many_directories(20'000)})); }},
    {"case-53-links", "20,000 long symlinks: 80 MB on a disk",
     [](const Options&) { return archive(legacy({many_links(20'000)})); }},
    {"case-53-attributes", "20,000 empty files with attributes of 3 kB",
     [](const Options&) { return archive(legacy({many_attributes(20'000)})); }},
    {"case-54-sparse-pax", "a sparse file of 2^61 bytes, pax",
     [](const Options&) { return on_hello(sparse_pax(uint64_t{1} << 61)); }},
    {"case-54-sparse-old", "a sparse file of 2^61 bytes, GNU's old format",
     [](const Options&) { return on_hello(sparse_old(uint64_t{1} << 61)); }},
    {"good-sparse-pax", "a sparse file of 1 MiB, pax",
     [](const Options& o) { return on_shell(o, {sparse_pax(mib)}); }},
    {"case-54-sparse-old-small", "a sparse file of 1 MiB, GNU's old format",
     [](const Options& o) { return on_shell(o, {sparse_old(mib)}); }},
    {"case-55-entries", "2,010,000 entries",
     [](const Options&) { return archive(with_layer(many_entries())); }},
    {"case-55-directories", "100,000 directories",
     [](const Options&) { return archive(legacy({many_directories(100'000)})); }},
    {"case-56-pax-header", "a pax header of 2 MiB",
     [](const Options&) {
       return on_hello(Tar().pax(pax_record("comment", std::string(2 * mib, 'c'))).file("x", "x"));
     }},
    {"case-56-xattr", "an extended attribute of 2 MiB",
     [](const Options&) {
       return on_hello(Tar().file_with_xattrs("x", {{"user.big", std::string(2 * mib, 'c')}}));
     }},
};

}  // namespace

std::span<const Case> bomb_cases() { return cases; }

}  // namespace minirun::forge
