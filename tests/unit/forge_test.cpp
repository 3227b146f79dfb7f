// That the generator's good output is what it says it is: libarchive, which has no part in writing
// it, reads it back.
#include <archive.h>
#include <archive_entry.h>

#include <map>
#include <memory>

#include "tests/forge/cases.h"
#include "tests/forge/program.h"
#include "tests/unit/catch.h"

namespace minirun::forge {
namespace {

struct Entry {
  std::string content;
  std::string link;
  mode_t type = 0;
  mode_t mode = 0;
  int64_t uid = 0;
  std::map<std::string, std::string> xattrs = {};
};

struct FreeArchive {
  void operator()(::archive* archive) const { archive_read_free(archive); }
};

std::map<std::string, std::string> xattrs_of(::archive_entry* entry) {
  std::map<std::string, std::string> found;
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    found[name] = std::string(static_cast<const char*>(value), size);
  }
  return found;
}

/// All entries; a warning or an error of libarchive fails the test.
std::map<std::string, Entry> read_back(const std::string& bytes) {
  std::map<std::string, Entry> entries;
  const std::unique_ptr<::archive, FreeArchive> reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  REQUIRE(archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) == ARCHIVE_OK);
  ::archive_entry* entry = nullptr;
  int result = 0;
  while ((result = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    const char* const link = archive_entry_hardlink(entry) != nullptr
                                 ? archive_entry_hardlink(entry)
                                 : archive_entry_symlink(entry);
    Entry read{.content = std::string(static_cast<size_t>(archive_entry_size(entry)), '\0'),
               .link = link == nullptr ? "" : link,
               .type = archive_entry_filetype(entry),
               .mode = archive_entry_perm(entry),
               .uid = archive_entry_uid(entry),
               .xattrs = xattrs_of(entry)};
    const auto got = archive_read_data(reader.get(), read.content.data(), read.content.size());
    REQUIRE(got == static_cast<la_ssize_t>(read.content.size()));
    entries[archive_entry_pathname(entry)] = read;
  }
  REQUIRE(result == ARCHIVE_EOF);
  return entries;
}

std::string archive_bytes(const Product& product) { return std::get<ArchiveFile>(product).bytes; }

const Case& good_case(std::string_view id) {
  for (const auto cases : {good_cases(), good_oci_cases()}) {
    for (const Case& each : cases) {
      if (each.id == id) return each;
    }
  }
  throw std::runtime_error("no such case");
}

TEST_CASE("forge: a tar's entries are read back with their names, kinds, modes and content") {
  const std::string long_name = std::string(150, 'n') + "/" + std::string(150, 'm');
  Header owned;
  owned.name = "owned";
  owned.mode = 04755;
  owned.uid = 3'000'000'000;  // over seven octal digits: base-256
  const auto entries = read_back(Tar()
                                     .dir("d/", 0711)
                                     .file("d/f", "content")
                                     .symlink("s", "d/f")
                                     .hardlink("h", "d/f")
                                     .fifo("p")
                                     .file(long_name, "long")
                                     .file_with_xattrs("x", {{"user.a", "1"}})
                                     .add(owned, "o")
                                     .bytes());
  CHECK(entries.size() == 8);
  CHECK(entries.at("d/").mode == 0711);
  CHECK(entries.at("d/f").content == "content");
  CHECK(entries.at("s").link == "d/f");
  CHECK(entries.at("h").link == "d/f");
  CHECK(entries.at("p").type == AE_IFIFO);
  CHECK(entries.at(long_name).content == "long");
  CHECK(entries.at("x").xattrs == std::map<std::string, std::string>{{"user.a", "1"}});
  CHECK(entries.at("owned").mode == 04755);
  CHECK(entries.at("owned").uid == 3'000'000'000);
}

TEST_CASE("forge: a pax record's length counts itself, also where that takes another digit") {
  CHECK(pax_record("path", "x") == "9 path=x\n");
  CHECK(pax_record("path", std::string(89, 'x')).substr(0, 4) == "98 p");
  CHECK(pax_record("path", std::string(91, 'x')).substr(0, 4) == "101 ");
}

TEST_CASE("forge: base-256 numbers are what GNU tar writes") {
  CHECK(base256(-1, 4) == "\xff\xff\xff\xff");
  CHECK(base256(258, 4) == std::string("\x80\0\1\2", 4));
}

TEST_CASE("forge: only the header that is told to has a wrong checksum") {
  Header bad;
  bad.name = "bad";
  CHECK(read_back(Tar().add(bad).bytes()).size() == 1);
  bad.good_checksum = false;
  const std::string bytes = Tar().add(bad).bytes();
  CHECK(bytes.substr(field::checksum.offset, 6) == "012345");
}

TEST_CASE("forge: every packing is unpacked to the same members") {
  const auto plain = read_back(archive_bytes(good_case("good-legacy").make({})));
  CHECK(plain.contains("manifest.json"));
  for (const char* const id : {"good-gzip", "good-bzip2", "good-xz", "good-zstd"}) {
    const auto packed = read_back(archive_bytes(good_case(id).make({})));
    CHECK(packed.size() == plain.size());
    CHECK(packed.at("manifest.json").content == plain.at("manifest.json").content);
  }
}

TEST_CASE("forge: a gzip stream of repeated parts has the right checksum") {
  const auto entries = read_back(GzipStream()
                                     .add(Tar().file("f", "1").open_ended())
                                     .add(Tar().file("g", "2").open_ended(), 3)
                                     .zeros(3 << 20)
                                     .finish());
  CHECK(entries.size() == 2);
  CHECK(entries.at("g").content == "2");
}

TEST_CASE("forge: the blobs of an OCI image have the names of their digests") {
  const auto entries = read_back(archive_bytes(good_case("good-oci").make({})));
  size_t blobs = 0;
  for (const auto& [name, entry] : entries) {
    if (!name.starts_with("blobs/sha256/") || entry.type != AE_IFREG) continue;
    CHECK("blobs/sha256/" + digest_of(entry.content).substr(7) == name);
    ++blobs;
  }
  CHECK(blobs == 4);  // manifest, config, two layers
}

TEST_CASE("forge: a case is the same each time it is made") {
  for (const char* const id : {"good-docker25", "good-xz", "good-oci-zstd"}) {
    CHECK(archive_bytes(good_case(id).make({})) == archive_bytes(good_case(id).make({})));
  }
}

TEST_CASE("forge: a change that finds nothing to change is an error") {
  Files files = legacy({hello_image()});
  CHECK_THROWS(change(files, "manifest.json", "no such text", ""));
  CHECK_THROWS(member(files, "nowhere"));
}

}  // namespace
}  // namespace minirun::forge
