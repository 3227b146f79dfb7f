// Cases 41 to 49: whiteouts and opaque directories.
//
// The lower layer has d/{old,both,sub/deep} and victims for each case; the upper one is the case.
#include "runner/base/error.h"
#include "tests/forge/cases.h"

namespace minirun::forge {
namespace {

Tar lower() {
  return Tar()
      .dir("d/")
      .file("d/old", "old\n")
      .file("d/both", "lower\n")
      .dir("d/sub/")
      .file("d/sub/deep", "deep\n")
      .file("top", "top\n");
}

Product upper(const Options& options, const Tar& tar) { return on_shell(options, {lower(), tar}); }

/// An opaque root hides all lower layers, so the shell has to be in the same one.
Product opaque_root(const Options& options) {
  std::string tar = busybox_layer(options);
  tar.resize(tar.size() - 1024);
  return on_shell(options, {lower(), Tar().file(".wh..wh..opq").raw(tar).file("mine", "mine\n")});
}

/// Below the lowest layer lie the store's own mount points.
Product lowest(const Options& options) {
  Image image = shell_image(options, {});
  image.layers.front().tar = Tar()
                                 .file(".wh.proc")
                                 .file(".wh.dev")
                                 .file(".wh.sys")
                                 .file(".wh.never")
                                 .file("etc/.wh.hosts")
                                 .file("etc/.wh.hostname")
                                 .file("etc/.wh.never")
                                 .file("e/.wh.never")
                                 .bytes();
  return archive(legacy({image}));
}

constexpr Case cases[] = {
    {"case-41-nothing", "a whiteout of nothing: .wh.",
     [](const Options& o) { return upper(o, Tar().file("d/.wh.")); }},
    {"case-42-dot", ".wh.. would hide the directory itself",
     [](const Options& o) { return upper(o, Tar().file("d/.wh..")); }},
    {"case-42-dotdot", ".wh... would hide its parent",
     [](const Options& o) { return upper(o, Tar().file("d/.wh...")); }},
    {"case-43-aufs", "what aufs left: .wh..wh.foo, .wh..wh.plnk/, .wh..wh.aufs",
     [](const Options& o) {
       return upper(o, Tar()
                           .file(".wh..wh.aufs", "x")
                           .dir(".wh..wh.plnk/", 0700)
                           .file(".wh..wh.plnk/1234.5678", "x")
                           .dir(".wh..wh.orph/")
                           .file("d/.wh..wh.foo", "x")
                           .file("d/new", "new\n"));
     }},
    {"case-44-through-symlink", "link -> victim, then link/.wh.sentinel",
     [](const Options& o) {
       return upper(o, Tar().symlink("link", o.victim).file("link/.wh.sentinel"));
     }},
    {"case-44-opaque-through-symlink", "link -> victim, then link/.wh..wh..opq",
     [](const Options& o) {
       return upper(o, Tar().symlink("link", o.victim).file("link/.wh..wh..opq"));
     }},
    {"case-44-dotdot", "../../victim/.wh.sentinel",
     [](const Options& o) {
       return upper(o, Tar().file("../../../../../../../../.." + o.victim + "/.wh.sentinel"));
     }},
    {"case-45-opaque-root", "an opaque root", [](const Options& o) { return opaque_root(o); }},
    {"case-46-opaque-after-siblings", "d/new, then d/.wh..wh..opq",
     [](const Options& o) {
       return upper(o, Tar().dir("d/").file("d/new", "new\n").file("d/.wh..wh..opq"));
     }},
    {"case-47-opaque-then-whiteout", "d/.wh..wh..opq, then d/.wh.old",
     [](const Options& o) {
       return upper(
           o, Tar().dir("d/").file("d/.wh..wh..opq").file("d/.wh.old").file("d/new", "new\n"));
     }},
    {"case-47-whiteout-then-opaque", "d/.wh.old, then d/.wh..wh..opq",
     [](const Options& o) {
       return upper(
           o, Tar().dir("d/").file("d/.wh.old").file("d/new", "new\n").file("d/.wh..wh..opq"));
     }},
    {"case-47-below-opaque-then-whiteout", "d/.wh..wh..opq, then d/sub/.wh.deep",
     [](const Options& o) {
       return upper(o, Tar().dir("d/").file("d/.wh..wh..opq").file("d/sub/.wh.deep"));
     }},
    {"case-47-below-whiteout-then-opaque", "d/sub/.wh.deep, then d/.wh..wh..opq",
     [](const Options& o) {
       return upper(o, Tar().dir("d/").file("d/sub/.wh.deep").file("d/.wh..wh..opq"));
     }},
    {"case-48-ghosts", ".wh.d, then d/f, d/.wh.old and d/sub/.wh.deep",
     [](const Options& o) {
       return upper(
           o, Tar().file(".wh.d").file("d/f", "f\n").file("d/.wh.old").file("d/sub/.wh.deep"));
     }},
    {"case-48-whiteout-then-dir", ".wh.d, then d/f",
     [](const Options& o) { return upper(o, Tar().file(".wh.d").dir("d/").file("d/f", "f\n")); }},
    {"case-48-dir-then-whiteout", "d/f, then .wh.d",
     [](const Options& o) { return upper(o, Tar().dir("d/").file("d/f", "f\n").file(".wh.d")); }},
    {"case-49-whiteout-then-file", "d/.wh.both, then d/both",
     [](const Options& o) { return upper(o, Tar().file("d/.wh.both").file("d/both", "upper\n")); }},
    {"case-49-file-then-whiteout", "d/both, then d/.wh.both",
     [](const Options& o) { return upper(o, Tar().file("d/both", "upper\n").file("d/.wh.both")); }},
    {"good-whiteouts", "a file, a directory and a tree are hidden; a hidden name comes back",
     [](const Options& o) {
       return on_shell(o, {lower(), Tar().file("d/.wh.old").file("d/.wh.sub").file(".wh.top"),
                           Tar().file("top", "again\n")});
     }},
    {"good-whiteouts-in-lowest-layer", "they hide the mount points, and what no layer has",
     [](const Options& o) { return lowest(o); }},
    {"good-whiteout-of-nothing", "a whiteout of what is not there",
     [](const Options& o) { return upper(o, Tar().file("d/.wh.never").file("e/.wh.never")); }},
};

}  // namespace

std::span<const Case> whiteout_cases() { return cases; }

}  // namespace minirun::forge
