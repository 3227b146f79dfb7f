#include "image/layer/layer.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "image/layer/path.h"
#include "image/layer/whiteouts.h"
#include "tests/unit/bytes.h"
#include "tests/unit/catch.h"
#include "tests/unit/needs_root.h"
#include "tests/unit/scratch.h"

namespace minirun::image {
namespace {

using namespace std::string_literals;
using test::dir;
using test::file;
using test::hardlink;
using test::pax;
using test::StringStream;
using test::symlink;
using test::tar_end;
using test::tar_entry;

LayerStats write(const scratch::Dir& diff, const std::string& entries, LayerLimits limits = {}) {
  StringStream source(entries + tar_end());
  TarReader tar(source, "layer");
  LayerWriter layer(diff.fd(), "layer", limits);
  while (const auto entry = tar.next()) layer.write(*entry, tar);
  tar.drain();
  return layer.finish();
}

std::string refused(const std::string& entries, LayerLimits limits = {}) {
  const scratch::Dir diff;
  return test::refusal([&] { write(diff, entries, limits); });
}

bool is_whiteout(const scratch::Dir& diff, const std::string& name) {
  const auto status = files::stat_at(diff.fd(), name);
  return status && S_ISCHR(status->st_mode) && status->st_rdev == 0;
}

std::string xattr(const scratch::Dir& diff, const std::string& name, const char* attribute) {
  std::array<char, 256> value{};
  const ssize_t size = ::lgetxattr((diff / name).c_str(), attribute, value.data(), value.size());
  return size < 0 ? "none" : std::string(value.data(), static_cast<size_t>(size));
}

bool is_opaque(const scratch::Dir& diff, const std::string& name) {
  return xattr(diff, name, "trusted.overlay.opaque") == "y";
}

/// A directory beside the layer that a hostile layer would like to reach.
struct Victim {
  scratch::Dir dir;
  Victim() { files::replace_file(dir.fd(), "x", "untouched"); }
  std::string path() const { return (dir / "x").substr(0, (dir / "x").size() - 2); }
  bool untouched() const {
    return files::list_dir(dir.fd(), ".") == std::vector<std::string>{"x"} &&
           dir.read("x") == "untouched";
  }
};

TEST_CASE("a layer's files have their content, mode and time") {
  const scratch::Dir diff;
  const auto stats = write(
      diff,
      dir("d", 0711) + tar_entry({.name = "d/f", .data = "content", .mode = 0640, .mtime = 1234}) +
          symlink("s", "/etc/passwd") +
          tar_entry({.name = "h", .type = '1', .target = "d/f", .mode = 0640, .mtime = 1234}) +
          tar_entry({.name = "p", .type = '6', .mode = 0604}));
  CHECK(diff.read("d/f") == "content");
  CHECK(diff.stat("d/f").st_mode == (S_IFREG | 0640));
  CHECK(diff.stat("d/f").st_mtim.tv_sec == 1234);
  CHECK(diff.stat("d").st_mode == (S_IFDIR | 0711));
  CHECK(diff.stat("d").st_mtim.tv_sec == 1'600'000'000);
  CHECK(diff.stat("s").st_mtim.tv_sec == 1'600'000'000);
  CHECK(diff.stat("h").st_ino == diff.stat("d/f").st_ino);
  CHECK(diff.stat("p").st_mode == (S_IFIFO | 0604));
  CHECK(stats.entries == 5);
  CHECK(stats.bytes == 7);
  CHECK_FALSE(stats.has_root_entry);
  CHECK(stats.notes.empty());
}

TEST_CASE(
    "directories that the layer does not list are made, and modes do not depend on the umask") {
  const scratch::Dir diff;
  const mode_t old = ::umask(077);
  write(diff, file("a/b/c", "x") + dir("d", 0777));
  ::umask(old);
  CHECK(diff.stat("a").st_mode == (S_IFDIR | 0755));
  CHECK(diff.stat("a/b").st_mode == (S_IFDIR | 0755));
  CHECK(diff.stat("a/b/c").st_mode == (S_IFREG | 0644));
  CHECK(diff.stat("d").st_mode == (S_IFDIR | 0777));
}

TEST_CASE("a directory that nobody may enter still gets its files") {
  const scratch::Dir diff;
  write(diff, dir("d", 0) + dir("d/e", 0) + file("d/e/f", "x"));
  CHECK(diff.stat("d").st_mode == S_IFDIR);
  REQUIRE(::fchmodat(diff.fd(), "d", 0700, 0) == 0);
  REQUIRE(::fchmodat(diff.fd(), "d/e", 0700, 0) == 0);
  CHECK(diff.read("d/e/f") == "x");
}

TEST_CASE("holes stay holes") {
  const scratch::Dir diff;
  const test::Records records = {{"GNU.sparse.size", "50000000"}, {"GNU.sparse.map", "40000000,3"}};
  const auto stats = write(diff, pax(records, file("f", "abc")));
  CHECK(diff.stat("f").st_size == 50'000'000);
  CHECK(diff.stat("f").st_blocks * 512 < 1'000'000);
  CHECK(diff.read("f").substr(40'000'000, 3) == "abc");
  CHECK(stats.bytes == 50'000'000);
}

TEST_CASE("case 16: absolute paths land inside, and \"..\" is refused wherever it stands") {
  const scratch::Dir diff;
  write(diff, file("/etc/x", "1") + file("./y", "2") + file("//z//", "") + file("a/./b", "3"));
  CHECK(diff.read("etc/x") == "1");
  CHECK(diff.read("y") == "2");
  CHECK(diff.read("a/b") == "3");
  for (const std::string& path :
       {".."s, "../x"s, "a/../../b"s, "a/.."s, "/.."s, "./../x"s, "a/../b"s}) {
    CHECK(refused(file(path, "x")).find("..") != std::string::npos);
    CHECK_FALSE(refused(dir(path)).empty());
    CHECK_FALSE(refused(symlink(path, "x")).empty());
    CHECK_FALSE(refused(file("f", "x") + hardlink("h", path)).empty());
  }
}

TEST_CASE("case 17: the root entry is a directory or refused") {
  const scratch::Dir diff;
  const auto stats = write(diff, dir("./", 0750) + file("f", "x"));
  CHECK(stats.has_root_entry);
  CHECK((diff.stat(".").st_mode & 07777) == 0750);
  CHECK(diff.stat(".").st_mtim.tv_sec == 1'600'000'000);
  for (const std::string& path : {"."s, "/"s, "./."s, "//"s}) {
    CHECK(refused(symlink(path, "/tmp")).find("not a directory") != std::string::npos);
    CHECK_FALSE(refused(hardlink(path, "f")).empty());
  }
  CHECK_FALSE(refused(file(".", "x")).empty());
}

TEST_CASE("case 18: an entry through a symlink that leads out leaves what is there unchanged") {
  const Victim victim;
  CHECK(refused(symlink("l", victim.path()) + file("l/x", "owned")).find("symlink") !=
        std::string::npos);
  CHECK_FALSE(refused(symlink("l", victim.path()) + dir("l/d")).empty());
  CHECK_FALSE(refused(symlink("l", victim.path()) + symlink("l/x", "y")).empty());
  CHECK_FALSE(refused(symlink("l", "/proc/self/root/tmp") + file("l/x", "owned")).empty());
  CHECK_FALSE(refused(symlink("l", "l") + file("l/x", "owned")).empty());
  CHECK(victim.untouched());
}

TEST_CASE(
    "case 18: an entry through a symlink inside the layer goes where a process inside would put "
    "it") {
  const scratch::Dir diff;
  write(diff, dir("usr/lib") + symlink("lib", "usr/lib") + symlink("abs", "/usr/../../../usr/lib") +
                  file("lib/x", "1") + file("abs/y", "2") + file("lib/new/z", "3"));
  CHECK(diff.read("usr/lib/x") == "1");
  CHECK(diff.read("usr/lib/y") == "2");
  CHECK(diff.read("usr/lib/new/z") == "3");
  CHECK(S_ISLNK(diff.stat("lib").st_mode));
}

TEST_CASE("case 19: directory, symlink, directory of one name, with files between") {
  if (!test::is_root()) return;
  const Victim victim;
  const scratch::Dir diff;
  write(diff, dir("d") + file("d/a", "1") + symlink("d", victim.path()) + dir("d", 0711) +
                  file("d/x", "2"));
  CHECK(victim.untouched());
  CHECK(diff.read("d/x") == "2");
  CHECK_FALSE(diff.exists("d/a"));
  CHECK(diff.stat("d").st_mode == (S_IFDIR | 0711));
}

TEST_CASE("case 19: a symlink in a directory's place gets none of the directory's metadata") {
  const Victim victim;
  const auto before = victim.dir.stat(".");
  const scratch::Dir diff;
  write(diff, dir("d", 0700) + symlink("d", victim.path()) + dir("e/f", 0700) +
                  symlink("e", "other") + dir("other/f", 0755));
  CHECK(victim.dir.stat(".").st_mode == before.st_mode);
  CHECK(victim.dir.stat(".").st_mtim.tv_sec == before.st_mtim.tv_sec);
  CHECK(diff.stat("other/f").st_mode == (S_IFDIR | 0755));
}

TEST_CASE("case 20: hard links lead to earlier files of the layer and nowhere else") {
  const Victim victim;
  for (const std::string& target : {"/etc/passwd"s, "../../x"s, "late"s, "h"s, "d"s, "l/x"s,
                                    "missing/x"s, "."s, "gone"s, ".wh.gone"s}) {
    CAPTURE(target);
    const auto said = refused(dir("d") + symlink("l", victim.path()) + file(".wh.gone", "") +
                              hardlink("h", target) + file("late", "x"));
    CHECK_FALSE(said.empty());
  }
  CHECK(victim.untouched());
  const scratch::Dir diff;
  write(diff, file("f", "x") + hardlink("h", "/f") + hardlink("h", "f") + hardlink("i", "./h") +
                  file("h2", "old") + hardlink("h2", "f"));
  CHECK(diff.stat("f").st_nlink == 4);
  CHECK(diff.read("h2") == "x");
}

TEST_CASE("case 21: a hard link to a symlink and what follows never touch the symlink's target") {
  const Victim victim;
  const auto before = victim.dir.stat("x");
  const scratch::Dir diff;
  write(diff, symlink("s", victim.path() + "/x") +
                  tar_entry({.name = "h", .type = '1', .target = "s", .mode = 0777, .mtime = 5}) +
                  tar_entry({.name = "s2",
                             .type = '2',
                             .target = victim.path() + "/x",
                             .mode = 04777,
                             .mtime = 5}));
  CHECK(S_ISLNK(diff.stat("h").st_mode));
  CHECK(victim.dir.stat("x").st_mode == before.st_mode);
  CHECK(victim.dir.stat("x").st_mtim.tv_sec == before.st_mtim.tv_sec);
  CHECK(victim.untouched());
}

TEST_CASE("a hard link's header holds for the file, as with Docker") {
  if (!test::is_root()) return;
  const std::string caps =
      "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s;
  const test::Records capable = {{"SCHILY.xattr.security.capability", caps}};
  const scratch::Dir diff;
  const auto stats = write(
      diff, tar_entry({.name = "f", .data = "x", .mode = 0600}) +
                tar_entry({.name = "g",
                           .type = '1',
                           .target = "f",
                           .mode = 04711,
                           .uid = 5,
                           .gid = 6,
                           .mtime = 77}) +
                pax(capable, file("ping", "x")) + hardlink("ping4", "ping") + file("pong", "x") +
                pax(capable, hardlink("pong4", "pong")) + hardlink("pong4", "pong") +
                tar_entry({.name = "p", .type = '6', .mode = 0600}) +
                tar_entry({.name = "q", .type = '1', .target = "p", .mode = 0622}));
  CHECK(diff.stat("f").st_mode == (S_IFREG | 04711));
  CHECK(diff.stat("f").st_uid == 5);
  CHECK(diff.stat("f").st_gid == 6);
  CHECK(diff.stat("f").st_mtim.tv_sec == 77);
  CHECK(xattr(diff, "ping", "security.capability") == caps);
  CHECK(xattr(diff, "pong", "security.capability") == caps);
  CHECK(diff.stat("p").st_mode == (S_IFIFO | 0622));
  CHECK(stats.notes.empty());
}

TEST_CASE("case 34: a block device is kept as the node it is") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(
      diff,
      tar_entry({.name = "b", .type = '4', .mode = 0600, .major = "0000010", .minor = "0000001"}) +
          tar_entry(
              {.name = "null", .type = '3', .mode = 0666, .major = "0000001", .minor = "0000003"}));
  CHECK(diff.stat("b").st_rdev == ::makedev(8, 1));
  CHECK(diff.stat("null").st_mode == (S_IFCHR | 0666));
}

TEST_CASE("case 35: a character device 0:0 is refused, and numbers that Linux cannot have") {
  CHECK(refused(tar_entry({.name = "c", .type = '3'})).find("whiteout") != std::string::npos);
  CHECK(refused(tar_entry({.name = "c", .type = '3', .major = "0010000"})).find("cannot have") !=
        std::string::npos);
  CHECK_FALSE(refused(tar_entry({.name = "b", .type = '4', .minor = "4000000"})).empty());
}

TEST_CASE("case 36: setuid, setgid, sticky bits, owners and file capabilities are kept") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  const std::string caps =
      "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s;
  write(
      diff,
      pax({{"SCHILY.xattr.security.capability", caps}},
          tar_entry({.name = "f", .data = "x", .mode = 06755, .uid = 1000, .gid = 4'294'967'294})) +
          tar_entry({.name = "d", .type = '5', .mode = 03777, .uid = 7, .gid = 8}));
  CHECK(diff.stat("f").st_mode == (S_IFREG | 06755));
  CHECK(diff.stat("f").st_uid == 1000);
  CHECK(diff.stat("f").st_gid == 4'294'967'294);
  CHECK(xattr(diff, "f", "security.capability") == caps);
  CHECK(diff.stat("d").st_mode == (S_IFDIR | 03777));
  CHECK(diff.stat("d").st_uid == 7);
}

TEST_CASE("case 37: names and paths that are too long or too deep are refused") {
  const auto named = [](const std::string& path) { return pax({{"path", path}}, file("f", "x")); };
  CHECK(refused(named(std::string(300, 'a'))).find("255") != std::string::npos);
  CHECK(refused(named("d/" + std::string(256, 'a') + "/f")).find("255") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "d/";
  CHECK(refused(named(deep + "f")).find("4095") != std::string::npos);
  CHECK_FALSE(refused(named(std::string(1'000'000, 'a'))).empty());
  const scratch::Dir diff;
  const std::string allowed = deep.substr(0, 4092);
  write(diff, named(allowed + "f"));
  CHECK(diff.read(allowed + "f") == "x");
}

TEST_CASE("case 38: a later entry replaces an earlier one of its name") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, file("f", "long content") + hardlink("other", "f") + file("f", "new") +  //
                  dir("d") + file("d/x", "1") + file("d", "file now") +                //
                  file("e", "x") + dir("e") + file("e/y", "2") +                       //
                  dir("k", 0700) + file("k/z", "3") + dir("k", 0711) +                 //
                  symlink("l", "f") + file("l", "no link"));
  CHECK(diff.read("f") == "new");
  CHECK(diff.read("other") == "long content");
  CHECK(diff.read("d") == "file now");
  CHECK(diff.read("e/y") == "2");
  CHECK(is_opaque(diff, "e"));
  CHECK(diff.read("k/z") == "3");
  CHECK(diff.stat("k").st_mode == (S_IFDIR | 0711));
  CHECK(diff.read("l") == "no link");
}

TEST_CASE("case 39: a FIFO that is rewritten as a file does not block") {
  const scratch::Dir diff;
  write(diff, tar_entry({.name = "p", .type = '6'}) + file("p", "file") +
                  tar_entry({.name = "q", .type = '6'}) +
                  tar_entry({.name = "q", .type = '6', .mode = 0600}));
  CHECK(diff.read("p") == "file");
  CHECK(diff.stat("q").st_mode == (S_IFIFO | 0600));
}

TEST_CASE("case 40: ACLs and file flags are ignored and told once") {
  const scratch::Dir diff;
  const test::Records acl = {
      {"SCHILY.acl.access", "user::rw-,user:5:rwx,group::r--,mask::rwx,other::r--"}};
  const auto stats =
      write(diff, pax(acl, file("f", "x")) + pax({{"SCHILY.fflags", "immutable"}}, file("g", "x")));
  CHECK(stats.notes == std::vector<std::string>{"ACLs or file flags on 2 entries"});
  CHECK(xattr(diff, "f", "system.posix_acl_access") == "none");
}

TEST_CASE("cases 41 and 42: whiteouts of no name are refused") {
  for (const std::string& path : {".wh."s, ".wh.."s, ".wh..."s, "d/.wh."s, "d/.wh..."s}) {
    CHECK(refused(file(path, "")).find("hides no name") != std::string::npos);
  }
  CHECK_FALSE(refused(file(".wh.d/f", "x")).empty());
}

TEST_CASE("case 43: what AUFS kept for itself is ignored") {
  const scratch::Dir diff;
  write(diff, file(".wh..wh.foo", "x") + dir(".wh..wh.plnk") + file(".wh..wh.plnk/1.2", "x") +
                  file("d/.wh..wh.orph/x", "x") + file("f", "x"));
  CHECK(files::list_dir(diff.fd(), ".") == std::vector<std::string>{"f"});
}

TEST_CASE("a whiteout hides a name of the layers below") {
  const scratch::Dir diff;
  write(diff, file("etc/.wh.shadow", "") + file(".wh.top", "ignored content") + file("f", "x"));
  CHECK(is_whiteout(diff, "etc/shadow"));
  CHECK(is_whiteout(diff, "top"));
  CHECK(diff.read("f") == "x");
}

TEST_CASE("case 44: a whiteout or opaque mark through a symlink stays inside") {
  const Victim victim;
  CHECK_FALSE(refused(symlink("l", victim.path()) + file("l/.wh.x", "")).empty());
  CHECK_FALSE(refused(symlink("l", victim.path()) + file("l/.wh..wh..opq", "")).empty());
  CHECK(victim.untouched());
  const scratch::Dir diff;
  write(diff, dir("etc") + symlink("l", "/etc") + file("l/.wh.passwd", ""));
  CHECK(is_whiteout(diff, "etc/passwd"));
}

TEST_CASE(
    "cases 45 and 46: an opaque directory keeps what its own layer has, before and after the "
    "mark") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, file("d/before", "1") + file("d/.wh..wh..opq", "") + file("d/after", "2") +
                  file(".wh..wh..opq", "") + dir("d", 0700));
  CHECK(is_opaque(diff, "d"));
  CHECK(is_opaque(diff, "."));
  CHECK(diff.read("d/before") == "1");
  CHECK(diff.read("d/after") == "2");
  CHECK(files::list_dir(diff.fd(), "d") == std::vector<std::string>{"after", "before"});
}

TEST_CASE("case 47: a whiteout in an opaque directory leaves no file, in either order") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  const auto stats =
      write(diff, file("a/.wh.x", "") + file("a/f", "") + file("a/.wh..wh..opq", "") + dir("a") +
                      file("b/.wh..wh..opq", "") + file("b/.wh.x", "") + file("b/.wh.y", ""));
  CHECK(is_opaque(diff, "a"));
  CHECK(is_opaque(diff, "b"));
  CHECK(files::list_dir(diff.fd(), "a") == std::vector<std::string>{"f"});
  CHECK(files::list_dir(diff.fd(), "b").empty());
  CHECK(diff.stat("a").st_mtim.tv_sec == 1'600'000'000);
  CHECK(stats.whiteout_dirs.empty());
}

TEST_CASE("case 47: a whiteout anywhere below an opaque directory leaves no file") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  const auto stats = write(diff, file("a/b/c/.wh.x", "") + file("a/.wh..wh..opq", "") +
                                     file("o/.wh..wh..opq", "") + file("o/p/.wh.x", "") +
                                     symlink("l", "o/p") + file("l/.wh.y", "") +  //
                                     file("o2/.wh.kept", "") + file("a.b/.wh.kept", "") +
                                     file("a/b/d/.wh.x", "") + file("a/b/f", ""));
  CHECK(files::list_dir(diff.fd(), "a/b/c").empty());
  CHECK(files::list_dir(diff.fd(), "a/b/d").empty());
  CHECK(files::list_dir(diff.fd(), "o/p").empty());
  CHECK(diff.exists("a/b/f"));
  CHECK(is_whiteout(diff, "o2/kept"));
  CHECK(is_whiteout(diff, "a.b/kept"));
  CHECK(stats.whiteout_dirs == std::vector<std::string>{"a.b", "o2"});
}

TEST_CASE("case 47: of an opaque root no whiteout is left") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, file(".wh.x", "") + file("d/.wh.x", "") + file(".wh..wh..opq", ""));
  CHECK(files::list_dir(diff.fd(), ".") == std::vector<std::string>{"d"});
  CHECK(files::list_dir(diff.fd(), "d").empty());
}

TEST_CASE("cases 47 and 48: a directory made after its whiteout is opaque, so it has no ghosts") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, file(".wh.d", "") + file("d/.wh.x", "") + file("d/e/.wh.y", "") +  //
                  dir("k") + file("k/.wh.x", "") + file(".wh.k", "") +           //
                  file("m", "a file") + dir("m") + file("m/.wh.x", ""));
  for (const std::string& name : {"d"s, "k"s, "m"s}) {
    CAPTURE(name);
    CHECK(is_opaque(diff, name));
    CHECK_FALSE(diff.exists(name + "/x"));
  }
  CHECK(files::list_dir(diff.fd(), "d/e").empty());
}

TEST_CASE("where a layer has whiteouts is told as the directories' own paths") {
  const scratch::Dir diff;
  const auto stats =
      write(diff, file(".wh.top", "") + file("./d//.wh.x", "") + dir("etc") + symlink("l", "/etc") +
                      file("l/.wh.passwd", "") + file("gone/.wh.x", "") + symlink("gone", "d") +
                      symlink("r", "/") + file("r/.wh.root", "") + file("f/.wh.a", "") +
                      file("f/b", "") + file("plain/f", ""));
  CHECK(stats.whiteout_dirs == std::vector<std::string>{"", "d", "etc", "f"});
}

TEST_CASE("case 48: a directory that was whited out before it was made is opaque") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, file(".wh.d", "") + file("d/f", "x") + file(".wh.e", "") + dir("e", 0711) +
                  file("e/g", "y"));
  CHECK(is_opaque(diff, "d"));
  CHECK(diff.read("d/f") == "x");
  CHECK(is_opaque(diff, "e"));
  CHECK(diff.stat("e").st_mode == (S_IFDIR | 0711));
}

TEST_CASE("case 49: of a whiteout and a file of one name the file shows, in both orders") {
  const scratch::Dir diff;
  write(diff, file(".wh.a", "") + file("a", "1") + file("b", "2") + file(".wh.b", "") +
                  symlink("c", "x") + file(".wh.c", "") + file(".wh.w", "") + file(".wh.w", ""));
  CHECK(diff.read("a") == "1");
  CHECK(diff.read("b") == "2");
  CHECK(S_ISLNK(diff.stat("c").st_mode));
  CHECK(is_whiteout(diff, "w"));
}

TEST_CASE("case 49: of a directory and a whiteout of one name the directory shows, and is opaque") {
  if (!test::is_root()) return;
  const scratch::Dir diff;
  write(diff, dir("d") + file("d/f", "x") + file(".wh.d", ""));
  CHECK(diff.read("d/f") == "x");
  CHECK(is_opaque(diff, "d"));
}

TEST_CASE("cases 50 to 52: attributes that are not the image's to set are dropped and told") {
  const scratch::Dir diff;
  const auto stats =
      write(diff, pax({{"SCHILY.xattr.trusted.overlay.opaque", "y"},
                       {"SCHILY.xattr.user.overlay.whiteout", "y"},
                       {"SCHILY.xattr.security.selinux", "label"},
                       {"SCHILY.xattr.trusted.x", "y"},
                       {"SCHILY.xattr.system.posix_acl_access", "y"},
                       {"SCHILY.xattr.", "y"},
                       {"SCHILY.xattr.user.", "y"},
                       {"SCHILY.xattr.strange", "y"},
                       {"SCHILY.xattr.security.ima", "y"}},
                      dir("d")) +
                      pax({{"SCHILY.xattr.trusted.overlay.redirect", "/x"}}, file("f", "x")));
  CHECK_FALSE(is_opaque(diff, "d"));
  std::array<char, 256> names{};
  for (const std::string& name : {"d"s, "f"s}) {
    const ssize_t length = ::llistxattr((diff / name).c_str(), names.data(), names.size());
    CHECK(std::string(names.data(), static_cast<size_t>(std::max<ssize_t>(length, 0)))
              .find("overlay") == std::string::npos);
  }
  const auto told = [&](const std::string& line) {
    return std::count(stats.notes.begin(), stats.notes.end(), line) == 1;
  };
  CHECK(told("trusted.overlay.* on 2 entries"));
  CHECK(told("user.overlay.* on 1 entry"));
  CHECK(told("security.selinux on 1 entry"));
  CHECK(told("trusted.* on 1 entry"));
  CHECK(told("system.* on 1 entry"));
}

TEST_CASE("case 52: a malformed security.capability is refused") {
  for (const std::string& value :
       {""s, "x"s, "\x01\x00\x00\x02"s, std::string(20, '\0'),
        "\x00\x00\x00\x04"s + std::string(16, '\0'), "\x00\x00\x00\x03"s + std::string(16, '\0')}) {
    CHECK(refused(pax({{"SCHILY.xattr.security.capability", value}}, file("f", "x")))
              .find("malformed") != std::string::npos);
  }
}

TEST_CASE("user attributes are kept on files and directories") {
  const scratch::Dir diff;
  const auto stats = write(diff, pax({{"SCHILY.xattr.user.x", "a\0b"s}}, file("f", "x")) +
                                     pax({{"SCHILY.xattr.user.y", "c"}}, dir("d")) +
                                     pax({{"SCHILY.xattr.user.z", "c"}}, symlink("s", "f")));
  if (std::any_of(stats.notes.begin(), stats.notes.end(),
                  [](const auto& note) { return note.find("keeps none") != note.npos; })) {
    WARN("no user.* attributes in /tmp");
    return;
  }
  CHECK(xattr(diff, "f", "user.x") == "a\0b"s);
  CHECK(xattr(diff, "d", "user.y") == "c");
  CHECK(stats.notes ==
        std::vector<std::string>{"attributes of links, devices and such on 1 entry"});
}

TEST_CASE("cases 53 to 55: a layer that is larger than allowed is refused before it is written") {
  // An inode of 256 bytes each; a block of 4096 more for a directory, a long symlink, attributes.
  const auto takes = [](const std::string& layer, uint64_t bytes) {
    return refused(layer, {.bytes = bytes}).empty() &&
           refused(layer, {.bytes = bytes - 1}).find("larger than") != std::string::npos;
  };
  CHECK(takes(file("f", "12345") + file("g", "67890"), 522));
  CHECK(takes(dir("d") + dir("d/e"), 2 * (256 + 4096)));
  CHECK(takes(file("d/f", "x") + file("g", "x"), 256 + 4096 + 2 * 257));
  CHECK(takes(symlink("s", "short") + symlink("t", std::string(60, 'x')), 256 + 256 + 4096));
  CHECK(takes(pax({{"SCHILY.xattr.user.x", std::string(100, 'x')}}, file("f", "12345")),
              256 + 5 + 4096 + 106));
  const std::string sparse =
      pax({{"GNU.sparse.size", "1152921504606846976"}, {"GNU.sparse.map", "0,1"}}, file("f", "x"));
  CHECK_FALSE(refused(sparse, {.bytes = 1 << 30}).empty());
  CHECK(refused(file("f", "x") + file("g", "x") + file("h", "x"), {.entries = 2}).find("entries") !=
        std::string::npos);
  CHECK(refused(file("a/b/c/d/f", "x") + file("g", "x"), {.entries = 5}).find("entries") !=
        std::string::npos);
}

TEST_CASE("many directories, more than are kept open at a time, in any order") {
  const scratch::Dir diff;
  std::string entries;
  for (int i = 0; i < 300; ++i)
    entries += file("d" + std::to_string(i % 100) + "/f" + std::to_string(i), std::to_string(i));
  write(diff, entries);
  for (int i = 0; i < 300; ++i) {
    CHECK(diff.read("d" + std::to_string(i % 100) + "/f" + std::to_string(i)) == std::to_string(i));
  }
}

TEST_CASE("names that would write to the terminal are shown harmless in errors") {
  CHECK(refused(file("\x1b[2J/../x", "x")).find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace minirun::image
