// Cases 26 to 33: headers whose numbers, checksums and records are not what tar allows, or more
// than a kernel takes.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

/// A file "bad" with one field of its header as given.
Tar with_field(Field where, const std::string& bytes, char type = '0') {
  Header header;
  header.name = "bad";
  header.type = type;
  header.raw = {{where, bytes}};
  return Tar().file("before", "x").add_sized(header, 0, "").file("after", "x");
}

Tar with_pax(std::string_view records) {
  return Tar().file("before", "x").pax(records).file("bad", "x").file("after", "x");
}

Tar bad_checksum() {
  Header header;
  header.name = "bad";
  header.good_checksum = false;
  return Tar().file("before", "x").add(header, "x").file("after", "x");
}

Tar device_number(const std::string& major) {
  Header header;
  header.name = "bad";
  header.type = '3';
  header.raw = {{field::major, major}, {field::minor, base256(1, 8)}};
  return Tar().add_sized(header, 0, "");
}

constexpr int64_t two_to_32 = int64_t{1} << 32;

constexpr Case cases[] = {
    {"case-26-length-too-short", "pax: a record longer than its length",
     [](const Options&) { return on_hello(with_pax("8 path=other\n")); }},
    {"case-26-length-too-long", "pax: a record shorter than its length",
     [](const Options&) { return on_hello(with_pax("99 path=other\n")); }},
    {"case-26-length-zero", "pax: a record of length 0",
     [](const Options&) { return on_hello(with_pax("0 path=other\n")); }},
    {"case-26-no-length", "pax: no length",
     [](const Options&) { return on_hello(with_pax("path=other\n")); }},
    {"case-26-no-equals",
     "pax: no =", [](const Options&) { return on_hello(with_pax("14 path other\n")); }},
    {"case-26-no-newline", "pax: no newline at the end",
     [](const Options&) { return on_hello(with_pax("14 path=other.")); }},
    {"case-26-huge-length", "pax: a length over 2^64",
     [](const Options&) { return on_hello(with_pax("99999999999999999999999 path=other\n")); }},
    {"case-26-negative-length", "pax: a negative length",
     [](const Options&) { return on_hello(with_pax("-15 path=other\n")); }},
    {"case-27-bad-checksum", "a header in the middle has a wrong checksum",
     [](const Options&) { return on_hello(bad_checksum()); }},
    {"case-27-bad-checksum-outer", "a header of the archive itself has a wrong checksum",
     [](const Options&) -> Product {
       std::string bytes = archive_of(legacy({hello_image()})).bytes();
       bytes[field::checksum.offset] = '7';
       return ArchiveFile{bytes};
     }},
    {"case-28-one-zero-block", "an entry after one zero block",
     [](const Options&) {
       return on_hello(Tar().file("before", "x").raw(std::string(512, '\0')).file("after", "x"));
     }},
    {"case-28-after-the-end", "an entry after the end",
     [](const Options&) {
       return on_hello(Tar().file("before", "x").raw(std::string(1024, '\0')).file("after", "x"));
     }},
    {"case-29-unknown-type", "an entry of type Z",
     [](const Options&) { return on_hello(with_field(field::type, "Z")); }},
    {"case-29-multi-volume", "an entry of type M, the rest of a file in another archive",
     [](const Options&) { return on_hello(with_field(field::type, "M")); }},
    {"case-30-negative", "a size of -1",
     [](const Options&) { return on_hello(with_field(field::size, base256(-1, 12))); }},
    {"case-30-over-2-60", "a size of 2^61",
     [](const Options&) {
       return on_hello(with_field(field::size, base256(int64_t{1} << 61, 12)));
     }},
    {"case-30-pax-negative", "pax: a size of -1",
     [](const Options&) { return on_hello(with_pax(pax_record("size", "-1"))); }},
    {"case-30-pax-over-2-64", "pax: a size of 10^20",
     [](const Options&) {
       return on_hello(with_pax(pax_record("size", "100000000000000000000")));
     }},
    {"case-30-not-octal", "a size that is text",
     [](const Options&) { return on_hello(with_field(field::size, "manybytes!!")); }},
    {"case-31-uid-minus-one", "a uid of -1",
     [](const Options&) { return on_hello(with_field(field::uid, base256(-1, 8))); }},
    {"case-31-uid-2-32", "a uid of 2^32",
     [](const Options&) { return on_hello(with_field(field::uid, base256(two_to_32, 8))); }},
    {"case-31-uid-2-32-minus-1", "a uid of 2^32-1, which is -1 to the kernel",
     [](const Options&) { return on_hello(with_field(field::uid, base256(two_to_32 - 1, 8))); }},
    {"case-31-gid-minus-one", "a gid of -1",
     [](const Options&) { return on_hello(with_field(field::gid, base256(-1, 8))); }},
    {"case-31-gid-2-32", "a gid of 2^32",
     [](const Options&) { return on_hello(with_field(field::gid, base256(two_to_32, 8))); }},
    {"case-31-pax-uid-2-32", "pax: a uid of 2^32",
     [](const Options&) { return on_hello(with_pax(pax_record("uid", "4294967296"))); }},
    {"case-31-pax-uid-minus-one", "pax: a uid of -1",
     [](const Options&) { return on_hello(with_pax(pax_record("uid", "-1"))); }},
    {"case-31-pax-gid-2-64", "pax: a gid of 2^64",
     [](const Options&) { return on_hello(with_pax(pax_record("gid", "18446744073709551616"))); }},
    {"case-32-negative", "a time before 1970",
     [](const Options&) { return on_hello(with_field(field::mtime, base256(-1000, 12))); }},
    {"case-32-huge", "a time of 2^62",
     [](const Options&) {
       return on_hello(with_field(field::mtime, base256(int64_t{1} << 62, 12)));
     }},
    {"case-32-pax-overflow", "pax: a time of 10^29",
     [](const Options&) {
       return on_hello(with_pax(pax_record("mtime", "1" + std::string(29, '0'))));
     }},
    {"case-32-pax-nan", "pax: a time that is NaN",
     [](const Options&) { return on_hello(with_pax(pax_record("mtime", "nan"))); }},
    {"case-33-negative", "a device with major -1",
     [](const Options&) { return on_hello(device_number(base256(-1, 8))); }},
    {"case-33-over-u32", "a device with major 2^32",
     [](const Options&) { return on_hello(device_number(base256(two_to_32, 8))); }},
    {"case-33-pax-devmajor", "pax: a device with major 2^40",
     [](const Options&) {
       return on_hello(
           Tar().pax(pax_record("SCHILY.devmajor", "1099511627776")).device("bad", '3', 1, 3));
     }},
};

}  // namespace

std::span<const Case> entry_header_cases() { return cases; }

}  // namespace minirun::forge
