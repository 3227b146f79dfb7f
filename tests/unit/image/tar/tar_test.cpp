#include "image/tar/tar.h"

#include <map>

#include "tests/unit/bytes.h"
#include "tests/unit/catch.h"

namespace minirun::image {
namespace {

using namespace std::string_literals;
using test::pax;
using test::StringStream;
using test::tar_end;
using test::tar_entry;

struct ReadEntry {
  TarEntry entry;
  std::string content;  ///< holes as zeros
};

std::vector<ReadEntry> read_tar(const std::string& bytes, size_t step = SIZE_MAX) {
  StringStream source(bytes, step);
  TarReader tar(source, "layer");
  std::vector<ReadEntry> all;
  while (auto entry = tar.next()) {
    ReadEntry read{*entry, std::string(entry->size < 1 << 24 ? entry->size : 0, '\0')};
    while (entry->type == EntryType::file) {
      const auto data = tar.data();
      if (!data) break;
      const std::string_view bytes_read(reinterpret_cast<const char*>(data->bytes.data()),
                                        data->bytes.size());
      REQUIRE(data->offset + bytes_read.size() <= read.content.size());
      test::put(read.content, data->offset, bytes_read);
    }
    all.push_back(read);
  }
  tar.drain();
  return all;
}

/// The refusal's words, the same whether the bytes come at once or in small pieces.
std::string refused(const std::string& bytes) {
  const auto said = test::refusal([&] { read_tar(bytes); });
  const auto said_slowly = test::refusal([&] { read_tar(bytes, 100); });
  CHECK(said.empty() == said_slowly.empty());
  return said;
}

ReadEntry read_one(const std::string& entry) {
  const auto all = read_tar(entry + tar_end());
  REQUIRE(all.size() == 1);
  return all[0];
}

TEST_CASE("entries come out as they were written") {
  const auto all =
      read_tar(test::dir("d/", 01777) +
               tar_entry({.name = "d/f",
                          .data = "content",
                          .mode = 04755,
                          .uid = 7,
                          .gid = 4'000'000'000,
                          .mtime = 1'234'567'890}) +
               test::symlink("s", "../x") + test::hardlink("h", "d/f") +
               tar_entry({.name = "c", .type = '3', .major = "0000001", .minor = "0000003"}) +
               tar_entry({.name = "b", .type = '4', .major = "0000010", .minor = "0000001"}) +
               tar_entry({.name = "p", .type = '6'}) + tar_end());
  REQUIRE(all.size() == 7);
  CHECK(all[0].entry.type == EntryType::directory);
  CHECK(all[0].entry.mode == 01777);
  CHECK(all[1].entry.path == "d/f");
  CHECK(all[1].content == "content");
  CHECK(all[1].entry.mode == 04755);
  CHECK(all[1].entry.uid == 7);
  CHECK(all[1].entry.gid == 4'000'000'000);
  CHECK(all[1].entry.mtime_seconds == 1'234'567'890);
  CHECK(all[2].entry.type == EntryType::symlink);
  CHECK(all[2].entry.target == "../x");
  CHECK(all[3].entry.type == EntryType::hardlink);
  CHECK(all[3].entry.target == "d/f");
  CHECK(all[4].entry.type == EntryType::char_device);
  CHECK(all[4].entry.device_minor == 3);
  CHECK(all[5].entry.type == EntryType::block_device);
  CHECK(all[5].entry.device_major == 8);
  CHECK(all[6].entry.type == EntryType::fifo);
}

TEST_CASE("names come out byte for byte, whatever format and locale") {
  const std::string utf8 = "na\xc3\xafve/\xe6\x97\xa5\xe6\x9c\xac";
  const std::string decomposed = "a\xcc\x88";  // "ä" in two characters: must not become one
  const std::string latin1 = "caf\xe9";
  const std::string name_of_300 = std::string(150, 'a') + "/" + std::string(149, 'b');
  for (const std::string& name : {utf8, decomposed, latin1, "\xff\xfe"s, "tab\tand\nnewline"s}) {
    CAPTURE(name);
    CHECK(read_one(test::file(name, "x")).entry.path == name);
    CHECK(read_one(pax({{"path", name}}, test::file("short", "x"))).entry.path == name);
    CHECK(read_one(pax({{"hdrcharset", "BINARY"}, {"path", name}}, test::file("short", "x")))
              .entry.path == name);
    CHECK(read_one(pax({{"linkpath", name}}, test::symlink("s", "short"))).entry.target == name);
    CHECK(read_one(pax({{"linkpath", name}}, test::hardlink("s", "short"))).entry.target == name);
    CHECK(read_one(test::symlink("s", name)).entry.target == name);
    CHECK(read_one(test::gnu_long('L', name, test::file("short", "x"))).entry.path == name);
    CHECK(read_one(pax({{"uname", name}, {"gname", name}}, test::file("f", "x"))).content == "x");
  }
  CHECK(read_one(pax({{"path", name_of_300}}, test::file("short", "x"))).entry.path == name_of_300);
  const auto gnu =
      tar_entry({.name = "short", .type = '2', .target = "s", .magic = test::gnu_magic});
  const auto both =
      read_one(test::gnu_long('K', "to/" + name_of_300, test::gnu_long('L', name_of_300, gnu)));
  CHECK(both.entry.path == name_of_300);
  CHECK(both.entry.target == "to/" + name_of_300);
}

TEST_CASE("attributes come out byte for byte, NULs too") {
  const std::string value = "a\0b\n=\xff"s;
  const auto one = read_one(pax(
      {{"SCHILY.xattr.user.x", value}, {"LIBARCHIVE.xattr.user.y", "AAE="}}, test::file("f", "x")));
  const std::map<std::string, std::string> xattrs(one.entry.xattrs.begin(), one.entry.xattrs.end());
  CHECK((xattrs == std::map<std::string, std::string>{{"user.x", value}, {"user.y", "\0\1"s}}));
}

TEST_CASE("ACLs and file flags are told") {
  CHECK_FALSE(read_one(test::file("f", "x")).entry.has_acl_or_flags);
  CHECK(
      read_one(pax({{"SCHILY.acl.access", "user::rw-,user:5:rwx,group::r--,mask::rwx,other::r--"}},
                   test::file("f", "x")))
          .entry.has_acl_or_flags);
  CHECK(read_one(pax({{"SCHILY.fflags", "nodump"}}, test::file("f", "x"))).entry.has_acl_or_flags);
}

/// GNU's three pax forms of a file with two extents: "abc" at 1000 and "z" at 8191.
std::vector<std::string> sparse_files() {
  const test::Records real = {{"GNU.sparse.name", "real"}};
  test::Records v00 = {{"GNU.sparse.size", "8192"},   {"GNU.sparse.numblocks", "2"},
                       {"GNU.sparse.offset", "1000"}, {"GNU.sparse.numbytes", "3"},
                       {"GNU.sparse.offset", "8191"}, {"GNU.sparse.numbytes", "1"}};
  test::Records v01 = {{"GNU.sparse.size", "8192"},
                       {"GNU.sparse.numblocks", "2"},
                       {"GNU.sparse.map", "1000,3,8191,1"},
                       real[0]};
  test::Records v10 = {{"GNU.sparse.major", "1"},
                       {"GNU.sparse.minor", "0"},
                       {"GNU.sparse.realsize", "8192"},
                       real[0]};
  std::string old =
      test::tar_block({.name = "real", .type = 'S', .data = "abcz", .magic = test::gnu_magic});
  test::put(old, 386, test::octal(1000, 12));
  test::put(old, 398, test::octal(3, 12));
  test::put(old, 482, "\1");
  test::put(old, 483, test::octal(8192, 12));
  test::seal(old);
  std::string extension(512, '\0');
  test::put(extension, 0, test::octal(8191, 12));
  test::put(extension, 12, test::octal(1, 12));
  return {pax(v00, test::file("real", "abcz")), pax(v01, test::file("x", "abcz")),
          pax(v10, test::file("x", test::padded("2\n1000\n3\n8191\n1\n") + "abcz")),
          old + extension + test::padded("abcz")};
}

TEST_CASE("sparse files of all of GNU's forms have their holes") {
  std::string content(8192, '\0');
  test::put(content, 1000, "abc");
  test::put(content, 8191, "z");
  for (const std::string& bytes : sparse_files()) {
    const auto all = read_tar(bytes + test::file("next", "n") + tar_end(), 100);
    REQUIRE(all.size() == 2);
    CHECK(all[0].entry.path == "real");
    CHECK(all[0].entry.size == 8192);
    CHECK((all[0].content == content));
    CHECK(all[1].content == "n");
  }
}

TEST_CASE("a sparse file whose extents are not all there is refused") {
  CHECK_FALSE(refused(pax({{"GNU.sparse.size", "100"}, {"GNU.sparse.map", "0,10"}},
                          test::file("f", "abc")) +
                      tar_end())
                  .empty());
}

TEST_CASE("a sparse map that is long or damaged is refused before it is kept in memory") {
  const test::Records v10 = {
      {"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}, {"GNU.sparse.realsize", "10"}};
  for (const std::string& map : {"100001\n"s, "99999999999999999999999\n"s, "#\n1\n"s, "-1\n"s,
                                 "x\n"s, std::string(600, '0')}) {
    CHECK(refused(pax(v10, test::file("f", map)) + tar_end()).find("sparse map") !=
          std::string::npos);
  }
  CHECK_FALSE(
      refused(pax({{"GNU.sparse.major", "2"}, {"GNU.sparse.minor", "0"}}, test::file("f", "x")))
          .empty());
}

TEST_CASE("a size that octal cannot hold is read as base-256") {
  // 9 GiB of content that isn't there: the header is understood, and the end is noticed.
  StringStream source(tar_entry({.name = "big", .size = test::base256(uint64_t{9} << 30, 12)}));
  TarReader tar(source, "layer");
  CHECK(test::refusal([&] { tar.next(); }).empty());
  StringStream again(tar_entry({.name = "big", .size = test::base256(uint64_t{9} << 30, 12)}) +
                     "x");
  TarReader other(again, "layer");
  const auto entry = other.next();
  REQUIRE(entry);
  CHECK(entry->size == uint64_t{9} << 30);
  CHECK(test::refusal([&] {
          while (other.data()) {
          }
        }).find("cut off") != std::string::npos);
}

TEST_CASE("case 22: a pax path or link target with a NUL is refused") {
  CHECK(refused(pax({{"path", "a\0b"s}}, test::file("f", "x")) + tar_end()).find("NUL") !=
        std::string::npos);
  CHECK(refused(pax({{"linkpath", "a\0b"s}}, test::symlink("f", "x")) + tar_end()).find("NUL") !=
        std::string::npos);
  CHECK(
      refused(pax({{"GNU.sparse.name", "a\0b"s}}, test::file("f", "x")) + tar_end()).find("NUL") !=
      std::string::npos);
  CHECK(refused(test::gnu_long('L', "a\0b"s, test::file("f", "x")) + tar_end()).find("NUL") !=
        std::string::npos);
  CHECK_FALSE(refused(pax({{"path", ""}}, test::file("f", "x")) + tar_end()).empty());
  CHECK_FALSE(refused(test::gnu_long('L', "", test::file("f", "x")) + tar_end()).empty());
  CHECK_FALSE(refused(test::file("", "x") + tar_end()).empty());
}

TEST_CASE("case 23: two pax paths, sizes or headers for one entry are refused") {
  const std::string entry = test::file("f", "x");
  CHECK(refused(pax({{"path", "a"}, {"path", "b"}}, entry) + tar_end()).find("twice") !=
        std::string::npos);
  CHECK(refused(pax({{"size", "1"}, {"size", "1"}}, entry) + tar_end()).find("twice") !=
        std::string::npos);
  CHECK_FALSE(refused(pax({{"path", "a"}}, pax({{"path", "b"}}, entry)) + tar_end()).empty());
  CHECK_FALSE(
      refused(test::gnu_long('L', "a", test::gnu_long('L', "b", entry)) + tar_end()).empty());
  CHECK_FALSE(refused(pax({{"path", "a"}}, test::gnu_long('L', "b", entry)) + tar_end()).empty());
  CHECK_FALSE(refused(test::gnu_long('L', "b", pax({{"path", "a"}}, entry)) + tar_end()).empty());
}

TEST_CASE("case 24: GNU.sparse.name is the entry's name, so what checks names checks it") {
  const test::Records records = {{"GNU.sparse.major", "1"},
                                 {"GNU.sparse.minor", "0"},
                                 {"GNU.sparse.realsize", "1"},
                                 {"GNU.sparse.name", "../../x"}};
  CHECK(read_one(pax(records, test::file("f", test::padded("1\n0\n1\n") + "x"))).entry.path ==
        "../../x");
}

TEST_CASE("case 25: a global header holds a comment and nothing else") {
  const std::string entry = test::file("f", "x");
  CHECK(read_one(pax({{"comment", "c0ffee"}}, entry, 'g')).entry.path == "f");
  for (const std::string& key :
       {"path"s, "uid"s, "gid"s, "size"s, "SCHILY.xattr.user.x"s, "mtime"s, "linkpath"s}) {
    CHECK(refused(pax({{key, "1"}}, entry, 'g') + tar_end()).find("global header") !=
          std::string::npos);
  }
  CHECK_FALSE(
      refused(pax({{"path", "a"}}, pax({{"comment", "x"}}, entry, 'g')) + tar_end()).empty());
}

TEST_CASE("case 26: malformed pax records are refused") {
  const std::string entry = test::file("f", "x");
  for (const std::string& body :
       {"x"s, "5 a=b\n"s, "7 a=b\n"s, "6 a=bx"s, " a=b\n"s, "6a=b\n\n"s, "4 =\n"s, "5 ab\n"s,
        "-6 a=b\n"s, "06 a=b\n0"s, "6 a=b\n\n"s, "99999999999999999999 a=b\n"s, "8 a\0=bc\n"s,
        "6 =bc\n"s, "2\n"s, "3 \n"s}) {
    CAPTURE(body);
    CHECK_FALSE(
        refused(tar_entry({.name = "x", .type = 'x', .data = body}) + entry + tar_end()).empty());
  }
  for (const auto& [key, value] : test::Records{{"size", "-1"},
                                                {"size", "1x"},
                                                {"size", ""},
                                                {"size", " 1"},
                                                {"uid", "0x1"},
                                                {"hdrcharset", "EBCDIC"},
                                                {"GNU.sparse.map", "1,x"},
                                                {"SUN.holesdata", " 1"},
                                                {"SCHILY.realsize", "5"},
                                                {"GNU.sparse.offset", "-1"}}) {
    CAPTURE(key, value);
    CHECK_FALSE(refused(pax({{key, value}}, entry) + tar_end()).empty());
  }
  CHECK_FALSE(refused(pax({{"path", "a"}}, "") + tar_end()).empty());
  CHECK_FALSE(refused(tar_entry({.name = "x", .type = 'x'}) + entry + tar_end()).empty());
}

TEST_CASE("case 27: a wrong checksum is refused, in the first header and in later ones") {
  std::string bad = test::file("f", "x");
  bad[0] = 'g';
  CHECK(refused(bad + tar_end()).find("not a tar archive") != std::string::npos);
  CHECK(refused(test::file("ok", "x") + bad + tar_end()).find("checksum") != std::string::npos);
  CHECK(refused(pax({{"path", "a"}}, bad) + tar_end()).find("checksum") != std::string::npos);
  CHECK_FALSE(refused("this is text, "s + std::string(2000, 'x')).empty());
}

TEST_CASE("case 28: what follows the end mark, one zero block or two, is refused") {
  const std::string entry = test::file("f", "x");
  for (const size_t blocks : {1, 2, 3, 40}) {
    CHECK(refused(entry + std::string(blocks * 512, '\0') + test::file("g", "x"))
              .find("after the archive's end") != std::string::npos);
    CHECK(refused(entry + std::string(blocks * 512, '\0')).empty());
  }
  CHECK(refused(entry).empty());  // some tars write no end mark
  CHECK(refused(entry + tar_end() + "x").find("after the archive's end") != std::string::npos);
  CHECK(refused(entry + tar_end() + std::string(100, '\0')).empty());
}

TEST_CASE("a tar archive that is cut off anywhere but between entries is refused") {
  const std::string bytes = pax({{"path", "long"}}, test::file("f", "content")) + test::dir("d");
  for (size_t length = 1; length < bytes.size(); length += 31) {
    CAPTURE(length);
    CHECK(refused(bytes.substr(0, length)).find("cut off") != std::string::npos);
  }
  CHECK(refused(bytes.substr(0, 1024)).find("cut off") !=
        std::string::npos);  // after the pax header
}

TEST_CASE("case 29: entries of unknown types and formats are refused") {
  for (const char type : {'A', 'D', 'I', 'M', 'N', 'V', 'X', '8', '9', 'z', '\x80'}) {
    CAPTURE(type);
    CHECK(refused(tar_entry({.name = "f", .type = type}) + tar_end()).find("unknown type") !=
          std::string::npos);
  }
  CHECK_FALSE(refused(tar_entry({.name = "f", .magic = "ustar  x"}) + tar_end()).empty());
  CHECK_FALSE(refused(tar_entry({.name = "f", .magic = "unknown!"}) + tar_end()).empty());
  CHECK(read_one(tar_entry({.name = "f", .data = "v7", .magic = std::string(8, '\0')})).content ==
        "v7");
}

TEST_CASE("case 30: sizes that are negative or over 2^60 are refused") {
  for (const std::string& size :
       {std::string(12, '\xff'), test::base256((uint64_t{1} << 60) + 1, 12),
        "\x80"s + std::string(11, '\xff'), "-0000000001\0"s, "0000000009x "s,
        "nan\0\0\0\0\0\0\0\0\0"s}) {
    CHECK_FALSE(refused(tar_entry({.name = "f", .size = size})).empty());
  }
  CHECK_FALSE(refused(pax({{"size", "1152921504606846977"}}, test::file("f", "x"))).empty());
  CHECK_FALSE(
      refused(pax({{"GNU.sparse.realsize", "2305843009213693952"}}, test::file("f", "x"))).empty());
}

TEST_CASE("a size where no data can be is refused, since readers differ in what it means") {
  for (const char type : {'1', '2', '3', '4', '5', '6'}) {
    CAPTURE(type);
    CHECK_FALSE(
        refused(tar_entry({.name = "f", .type = type, .data = "x", .target = "t"}) + tar_end())
            .empty());
    if (type != '1') {
      CHECK_FALSE(
          refused(pax({{"size", "1"}}, tar_entry({.name = "f", .type = type, .target = "t"})) +
                  tar_end())
              .empty());
    }
  }
  CHECK_FALSE(refused(pax({{"linkpath", "t"}}, test::file("f", "x")) + tar_end()).empty());
  CHECK_FALSE(refused(test::gnu_long('K', "t", test::file("f", "x")) + tar_end()).empty());
  std::string map_without_s = test::tar_block({.name = "f", .magic = test::gnu_magic});
  test::put(map_without_s, 386, test::octal(5, 12));
  test::seal(map_without_s);
  CHECK_FALSE(refused(map_without_s + tar_end()).empty());
}

TEST_CASE("a pax size stands over the header's, and a hard link may carry data in pax") {
  const auto all = read_tar(
      pax({{"size", "600"}}, test::tar_block({.name = "f"}) + test::padded(std::string(600, 'y'))) +
      test::file("g", "z") +
      pax({{"comment", "c"}}, tar_entry({.name = "h", .type = '1', .data = "z", .target = "g"})) +
      test::file("i", "w") + tar_end());
  REQUIRE(all.size() == 4);
  CHECK(all[0].content == std::string(600, 'y'));
  CHECK(all[1].content == "z");
  CHECK(all[2].entry.target == "g");
  CHECK(all[3].content == "w");
}

/// Two whole entries, where the header before them says that they are its data.
std::string hidden_entries() {
  return test::tar_block({.name = "inner"}) + test::tar_block({.name = "inner2"});
}

TEST_CASE("a file named like a directory cannot carry entries that only one reader sees") {
  // libarchive takes "d/" for a directory and passes its size over; the guard's next header is
  // behind the data.
  for (const std::string& magic : {"ustar\0"
                                   "00"s,
                                   test::gnu_magic, std::string(8, '\0')}) {
    for (const char type : {'0', '\0', '7'}) {
      const std::string entry =
          tar_entry({.name = "d/", .type = type, .data = hidden_entries(), .magic = magic});
      CHECK_FALSE(refused(entry + test::file("g", "z") + tar_end()).empty());
      CHECK_FALSE(refused(entry + tar_end()).empty());
      CHECK_FALSE(refused(entry).empty());
    }
  }
  CHECK_FALSE(
      refused(pax({{"path", "d/"}}, test::file("f", hidden_entries())) + tar_end()).empty());
  CHECK_FALSE(
      refused(test::gnu_long('L', "d/", test::file("f", hidden_entries())) + tar_end()).empty());
  CHECK_FALSE(refused(pax({{"size", "1024"}}, test::tar_block({.name = "d/"}) + hidden_entries()) +
                      tar_end())
                  .empty());
  // What the data holds may look like the end instead.
  CHECK_FALSE(refused(tar_entry({.name = "d/", .data = std::string(512, '\0')}) +
                      test::file("g", "z") + tar_end())
                  .empty());
  const auto old = read_one(tar_entry({.name = "d/", .magic = std::string(8, '\0')}));
  CHECK(old.entry.type == EntryType::directory);
}

TEST_CASE("a sparse map that leaves some of the data out cannot shift what follows") {
  // libarchive stops where the map does and would look for the next header there.
  const test::Records v01 = {{"GNU.sparse.size", "10"}, {"GNU.sparse.map", "0,1"}};
  const std::string next = test::file("g", "z") + tar_end();
  for (const size_t extra : {size_t{511}, size_t{512}, size_t{1023}}) {
    CHECK_FALSE(refused(pax(v01, test::file("f", "x" + std::string(extra, '\0'))) + next).empty());
    CHECK_FALSE(
        refused(pax(v01, test::file("f", "x" + std::string(extra, '\0') + hidden_entries())) + next)
            .empty());
  }
  const test::Records v10 = {
      {"GNU.sparse.major", "1"}, {"GNU.sparse.minor", "0"}, {"GNU.sparse.realsize", "10"}};
  CHECK_FALSE(
      refused(pax(v10, test::file("f", test::padded("1\n0\n1\n") + "x" + hidden_entries())) + next)
          .empty());
  // A map that is cut off in the middle of its block.
  CHECK_FALSE(refused(pax(v10, test::file("f", "1\n0\n1\n")) + next).empty());
}

TEST_CASE("extension headers in every order lead both readers to the same entry or are refused") {
  const std::string entry = test::file("f", "x");
  const auto wrap = [](char type, const std::string& inner) {
    if (type == 'x') return pax({{"size", "600"}, {"comment", "c"}}, inner);
    if (type == 'g') return pax({{"comment", "c"}}, inner, 'g');
    return test::gnu_long(type, "long", inner);
  };
  const std::string body = test::tar_block({.name = "f"}) + test::padded(std::string(600, 'y'));
  for (const char outer : {'x', 'g', 'L', 'K'}) {
    for (const char inner : {'x', 'g', 'L', 'K'}) {
      CAPTURE(outer, inner);
      const std::string bytes =
          wrap(outer, wrap(inner, inner == 'x' ? body : entry)) + test::file("g", "z") + tar_end();
      const bool fits = outer == 'g' && inner != 'K';  // "f" is no link
      CHECK(refused(bytes).empty() == fits);
      if (!fits) continue;
      const auto all = read_tar(bytes);
      REQUIRE(all.size() == 2);
      CHECK(all[0].content.size() == (inner == 'x' ? 600 : 1));
      CHECK(all[1].content == "z");
    }
  }
}

TEST_CASE("a pax size on entries of any type is obeyed by both readers or refused") {
  for (const std::string& magic : {"ustar\0"
                                   "00"s,
                                   test::gnu_magic, std::string(8, '\0')}) {
    for (const char type : {'\0', '0', '1', '2', '3', '4', '5', '6', '7', 'S'}) {
      for (const std::string& size : {"0"s, "512"s, "1024"s}) {
        CAPTURE(type, size, magic);
        const bool link = type == '1' || type == '2';
        const std::string bytes =
            pax({{"size", size}},
                test::tar_block(
                    {.name = "f", .type = type, .target = link ? "t" : "", .magic = magic}) +
                    hidden_entries()) +
            test::file("g", "z") + tar_end();
        const std::string said = refused(bytes);
        if (!said.empty()) continue;
        const auto all = read_tar(bytes);
        CHECK(all.size() == 4 - std::stoul(size) / 512);
        CHECK(all.back().entry.path == "g");
        CHECK(all.back().content == "z");
      }
    }
  }
}

TEST_CASE("numbers that readers parse differently are refused") {
  for (const std::string& size :
       {"\t0000001000"s, "-0000001000"s, "+0000001000"s, "0x200\0\0\0\0\0\0\0"s, "00000001000x"s,
        "\xc0"s + std::string(11, '\0'), "\xff"s + std::string(11, '\0')}) {
    CAPTURE(size);
    CHECK_FALSE(
        refused(tar_entry({.name = "f", .size = size}) + hidden_entries() + tar_end()).empty());
  }
  for (const std::string& size : {"   00001000\0"s, "00000001000 "s, "000000001000"s}) {
    const auto all = read_tar(test::tar_block({.name = "f", .size = size}) + std::string(512, 'x') +
                              test::file("g", "z") + tar_end());
    REQUIRE(all.size() == 2);
    CHECK(all[0].entry.size == 512);
  }
}

TEST_CASE("case 31: uids and gids that no process can have are refused") {
  for (const uint64_t id : {uint64_t{UINT32_MAX}, uint64_t{1} << 32, UINT64_MAX}) {
    CHECK_FALSE(refused(tar_entry({.name = "f", .uid = id}) + tar_end()).empty());
    CHECK_FALSE(refused(tar_entry({.name = "f", .gid = id}) + tar_end()).empty());
    CHECK_FALSE(
        refused(pax({{"uid", std::to_string(id)}}, test::file("f", "x")) + tar_end()).empty());
    CHECK_FALSE(
        refused(pax({{"gid", std::to_string(id)}}, test::file("f", "x")) + tar_end()).empty());
  }
  CHECK_FALSE(refused(pax({{"uid", "-1"}}, test::file("f", "x")) + tar_end()).empty());
  CHECK(read_one(pax({{"uid", "4294967294"}}, test::file("f", "x"))).entry.uid == UINT32_MAX - 1);
}

TEST_CASE("case 32: times before 1970 are read, overflowing ones clamped, others refused") {
  const auto time = [](const std::string& text) {
    const TarEntry entry = read_one(pax({{"mtime", text}}, test::file("f", "x"))).entry;
    return std::pair(entry.mtime_seconds, entry.mtime_nanoseconds);
  };
  CHECK(time("1.5") == std::pair(int64_t{1}, 500'000'000U));
  CHECK(time("-1.25") == std::pair(int64_t{-2}, 750'000'000U));
  CHECK(time("-7") == std::pair(int64_t{-7}, 0U));
  CHECK(time("99999999999999999999999").first == INT64_MAX);
  CHECK(time("1.99999999999999").second == 999'999'999);
  for (const std::string& text : {"nan"s, "1e9"s, ""s, "."s, "-"s, "1.x"s, "--1"s}) {
    CHECK_FALSE(refused(pax({{"mtime", text}}, test::file("f", "x")) + tar_end()).empty());
  }
}

TEST_CASE("case 33: device numbers that are negative or over 2^32 are refused") {
  for (const std::string& number :
       {std::string(8, '\xff'), test::base256(uint64_t{1} << 32, 8), "xxxxxxx\0"s}) {
    CHECK_FALSE(
        refused(tar_entry({.name = "c", .type = '3', .major = number}) + tar_end()).empty());
    CHECK_FALSE(
        refused(tar_entry({.name = "b", .type = '4', .minor = number}) + tar_end()).empty());
  }
  CHECK_FALSE(
      refused(pax({{"SCHILY.devmajor", "-1"}}, tar_entry({.name = "c", .type = '3'})) + tar_end())
          .empty());
  CHECK_FALSE(
      refused(pax({{"SCHILY.devminor", "4294967296"}}, tar_entry({.name = "c", .type = '3'})) +
              tar_end())
          .empty());
}

TEST_CASE("case 56: extension headers over 1 MiB, and many in a row, are refused") {
  const std::string megabyte(1 << 20, 'x');
  CHECK_FALSE(refused(pax({{"comment", megabyte}}, test::file("f", "x")) + tar_end()).empty());
  CHECK_FALSE(refused(test::gnu_long('L', megabyte, test::file("f", "x")) + tar_end()).empty());
  std::string many;
  for (int i = 0; i < 40; ++i) many += pax({{"comment", "c"}}, "", 'g');
  CHECK_FALSE(refused(many + test::file("f", "x") + tar_end()).empty());
}

TEST_CASE("case 15: 0 bytes and 1,024 zeros are archives without entries") {
  CHECK(read_tar("").empty());
  CHECK(read_tar(tar_end()).empty());
  CHECK(read_tar(std::string(512, '\0')).empty());
  CHECK(read_tar(std::string(100'000, '\0')).empty());
}

/// Fails in the middle.
class FailingStream : public StringStream {
 public:
  using StringStream::StringStream;
  size_t read(std::span<std::byte> into) override {
    const size_t got = StringStream::read(into);
    if (got == 0) throw ImageError("the source's own words");
    return got;
  }
};

TEST_CASE("an error of the source comes through libarchive as it was thrown") {
  FailingStream source(test::file("f", std::string(1 << 20, 'x')).substr(0, 500'000), 1000);
  TarReader tar(source, "layer");
  CHECK(tar.next());
  CHECK(test::refusal([&] {
          while (tar.data()) {
          }
        }) == "the source's own words");
}

}  // namespace
}  // namespace minirun::image
