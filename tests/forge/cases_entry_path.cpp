// Cases 16 to 25 and 37: entries whose names, links and extended headers lead out of the layer.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

std::string up_to(const std::string& path) { return "../../../../../../../../../../../.." + path; }

Header named(const std::string& name, char type = '0', const std::string& link = "") {
  Header header;
  header.name = name;
  header.type = type;
  header.link = link;
  return header;
}

/// A directory, then a symlink to the victim, then a directory of one name; then a file in it.
Tar dir_symlink_dir(const Options& o) {
  return Tar().dir("d/").symlink("d", o.victim).dir("d/", 0777).file("d/sentinel", "evil\n", 0777);
}

/// A hard link to a symlink, and then the metadata of what it is meant to be (CVE-2021-32760).
Tar hardlink_to_symlink(const Options& o) {
  Header again = named("h", '1', "s");
  again.mode = 04777;
  again.uid = 1234;
  return Tar()
      .symlink("s", o.victim + "/sentinel")
      .hardlink("h", "s")
      .add(again)
      .pax(pax_record("SCHILY.xattr.user.evil", "1"))
      .add(again);
}

std::string deep_path(int depth) {
  std::string path;
  for (int i = 0; i < depth; ++i) path += "d/";
  return path + "f";
}

Tar global_header(const Options& o) {
  return Tar()
      .pax(pax_record("path", up_to(o.victim) + "/new") + pax_record("uid", "4242") +
               pax_record("SCHILY.xattr.user.global", "1"),
           'g')
      .file("after-global", "global\n");
}

/// A file in GNU's sparse format 1.0: its name and size stand in the extended header, the map
/// before its data.
Tar sparse_name(const std::string& name) {
  std::string map = "1\n0\n4\n";
  map.resize(512, '\0');
  return Tar()
      .pax(pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
           pax_record("GNU.sparse.name", name) + pax_record("GNU.sparse.realsize", "4"))
      .add(named("GNUSparseFile.1/x"), map + "evil");
}

constexpr Case cases[] = {
    {"case-16-absolute", "a file victim/new: it lands inside",
     [](const Options& o) { return on_shell(o, {Tar().file(o.victim + "/new", "inside\n")}); }},
    {"case-16-dotdot", "a file ../../victim/new",
     [](const Options& o) { return on_hello(Tar().file(up_to(o.victim) + "/new", "evil\n")); }},
    {"case-16-dotdot-inside", "a file a/../../b",
     [](const Options&) { return on_hello(Tar().dir("a/").file("a/../../b", "evil\n")); }},
    {"case-16-only-dotdot", "a directory ..",
     [](const Options&) { return on_hello(Tar().dir("..", 0777)); }},
    {"case-16-empty-name", "a file whose name is empty",
     [](const Options&) { return on_hello(Tar().file("", "evil\n")); }},
    {"case-17-root-file", "the root entry . is a file",
     [](const Options&) { return on_hello(Tar().file(".", "evil\n")); }},
    {"case-17-root-symlink", "the root entry . is a symlink to the victim",
     [](const Options& o) {
       return on_hello(Tar().symlink(".", o.victim).file("sentinel", "evil\n"));
     }},
    {"case-17-slash-symlink", "the root entry / is a symlink to the victim",
     [](const Options& o) {
       return on_hello(Tar().symlink("/", o.victim).file("sentinel", "evil\n"));
     }},
    {"case-17-slash-fifo", "the root entry ./ is a FIFO",
     [](const Options&) { return on_hello(Tar().fifo("./")); }},
    {"case-18-symlink-then-through", "l -> victim, then l/sentinel",
     [](const Options& o) {
       return on_hello(Tar().symlink("l", o.victim).file("l/sentinel", "evil\n", 0777));
     }},
    {"case-18-relative-symlink", "l -> ../../victim, then l/sentinel",
     [](const Options& o) {
       return on_hello(Tar().symlink("l", up_to(o.victim)).file("l/sentinel", "evil\n", 0777));
     }},
    {"case-18-symlink-in-the-middle", "a/l -> victim, then a/l/new/f",
     [](const Options& o) {
       return on_hello(Tar().dir("a/").symlink("a/l", o.victim).file("a/l/new/f", "evil\n"));
     }},
    {"case-18-file-symlink", "l -> victim/sentinel, then a file l",
     [](const Options& o) {
       return on_shell(o, {Tar().symlink("l", o.victim + "/sentinel").file("l", "inside\n", 0777)});
     }},
    {"case-19-dir-symlink-dir", "d/, d -> victim, d/, d/sentinel",
     [](const Options& o) { return on_hello(dir_symlink_dir(o)); }},
    {"case-19-dir-metadata", "d -> victim, then d/ with mode 0777",
     [](const Options& o) { return on_hello(Tar().symlink("d", o.victim).dir("d/", 0777)); }},
    {"case-20-absolute", "a hard link to victim/sentinel",
     [](const Options& o) { return on_hello(Tar().hardlink("h", o.victim + "/sentinel")); }},
    {"case-20-dotdot", "a hard link to ../../victim/sentinel",
     [](const Options& o) { return on_hello(Tar().hardlink("h", up_to(o.victim) + "/sentinel")); }},
    {"case-20-through-symlink", "l -> victim, a hard link to l/sentinel",
     [](const Options& o) {
       return on_hello(Tar().symlink("l", o.victim).hardlink("h", "l/sentinel"));
     }},
    {"case-20-before-target", "a hard link to a file that comes later",
     [](const Options&) { return on_hello(Tar().hardlink("h", "later").file("later", "x")); }},
    {"case-20-itself", "a hard link to itself",
     [](const Options&) { return on_hello(Tar().file("h", "x").hardlink("h", "h")); }},
    {"case-20-then-write", "h is a hard link to l -> victim/sentinel, then a file h with content",
     [](const Options& o) {
       return on_hello(
           Tar().symlink("l", o.victim + "/sentinel").hardlink("h", "l").file("h", "evil\n", 0777));
     }},
    {"case-21-hardlink-to-symlink", "a hard link to a symlink, then mode, owner and attributes",
     [](const Options& o) { return on_hello(hardlink_to_symlink(o)); }},
    {"case-22-nul", "pax: a path with a NUL",
     [](const Options&) {
       return on_hello(
           Tar().pax(pax_record("path", std::string("good\0bad", 8))).file("x", "evil\n"));
     }},
    {"case-22-nul-in-link", "pax: a linkpath with a NUL",
     [](const Options&) {
       return on_hello(Tar().pax(pax_record("linkpath", std::string("a\0b", 3))).symlink("x", "y"));
     }},
    {"case-23-two-paths", "pax: path=good, then path=../../victim/new",
     [](const Options& o) {
       return on_hello(
           Tar()
               .pax(pax_record("path", "good") + pax_record("path", up_to(o.victim) + "/new"))
               .file("x", "evil\n"));
     }},
    {"case-24-sparse-name", "pax: GNU.sparse.name=../../victim/new",
     [](const Options& o) { return on_hello(sparse_name(up_to(o.victim) + "/new")); }},
    {"case-25-global-header", "a global header with path, uid and an attribute",
     [](const Options& o) { return on_hello(global_header(o)); }},
    {"case-37-long-name-pax", "pax: a name of 1 MiB",
     [](const Options&) {
       return on_hello(
           Tar().pax(pax_record("path", std::string(1 << 20, 'n'))).file("x", "evil\n"));
     }},
    {"case-37-long-name-gnu", "GNU: a name of 1 MiB",
     [](const Options&) {
       return on_hello(Tar().gnu_long(std::string(1 << 20, 'n')).file("x", "evil\n"));
     }},
    {"case-37-long-component", "a component of 300 bytes",
     [](const Options&) { return on_hello(Tar().file("a/" + std::string(300, 'n'), "x")); }},
    {"case-37-deep-path", "a path 5,000 deep",
     [](const Options&) { return on_hello(Tar().file(deep_path(5000), "x")); }},
};

}  // namespace

std::span<const Case> entry_path_cases() { return cases; }

}  // namespace minirun::forge
