#include "runner/process/mountinfo.h"

#include "tests/unit/catch.h"

using namespace minirun::mount;
using Words = std::vector<std::string>;

TEST_CASE("a line of mountinfo in its parts, as proc(5) has them") {
  const auto lines = parse_mountinfo(
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"
      "37 36 0:5 / /a shared:7 - oops\n"  // no options: not a line
      "38 36 0:21 / /x ro shared:7 master:3 propagate_from:2 - tmpfs  rw\n");
  REQUIRE(lines.size() == 2);
  const MountLine expected{36,           35,
                           "98:0",       "/mnt1",
                           "/mnt2",      {"rw", "noatime"},
                           {"master:1"}, "ext3",
                           "/dev/root",  {"rw", "errors=continue"}};
  CHECK(lines[0] == expected);
  CHECK(lines[1].propagation == Words{"shared:7", "master:3", "propagate_from:2"});
  CHECK(lines[1].source.empty());
  CHECK(lines[1].super_options == Words{"rw"});
}

TEST_CASE("escapes in paths are taken out, and what only looks like one stays") {
  const auto lines = parse_mountinfo(
      R"(1 0 0:1 /a\040b /new\012line\011tab\134slash rw - fuse.x\040y user@host:/d\040e rw)");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].root == "/a b");
  CHECK(lines[0].point == "/new\nline\ttab\\slash");
  CHECK(lines[0].type == "fuse.x y");
  CHECK(lines[0].source == "user@host:/d e");
  CHECK(unescape("\\04") == "\\04");
  CHECK(unescape("\\048") == "\\048");
  CHECK(unescape("\\777") == "\\777");
  CHECK(unescape("x\\") == "x\\");
  CHECK(unescape("\\303\\244") == "ä");
}

TEST_CASE("a field that is a dash before the separator does not end the line early") {
  const auto lines = parse_mountinfo("1 0 0:1 / - rw - tmpfs - rw\n5 - 3 - 4 5 6 7 8\n");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].point == "-");
  CHECK(lines[0].source == "-");
}

TEST_CASE("text that is no mountinfo gives nothing") {
  for (const char* text :
       {"", "\n\n", "1 2 3", "a b c d e f - g h i", "- - - - - - - - - -", "1 2 3 4 5 6 - 8 9"}) {
    INFO(text);
    CHECK(parse_mountinfo(text).empty());
  }
}

TEST_CASE("an overlay's directories, with the escapes of the kernel and of mount(2)") {
  const auto dirs = [](const std::string& options) {
    return overlay_dirs(
        parse_mountinfo("1 0 0:1 / / rw - overlay overlay " + options + "\n").at(0));
  };
  CHECK(dirs("rw,lowerdir=l/A:l/B,upperdir=/s/diff,workdir=/s/work,index=off") ==
        OverlayDirs{{"l/A", "l/B"}, "/s/diff", "/s/work"});
  CHECK(dirs(R"(ro,lowerdir=/a\040b\134:c:/d\054e)") == OverlayDirs{{"/a b:c", "/d,e"}, "", ""});
  CHECK(dirs("rw,lowerdir+=/a:b,lowerdir+=/c,datadir+=/d") ==
        OverlayDirs{{"/a:b", "/c", "/d"}, "", ""});
  CHECK(dirs("rw,lowerdir=/a::/data") == OverlayDirs{{"/a", "/data"}, "", ""});
  MountLine other;
  other.type = "ext4";
  CHECK_FALSE(overlay_dirs(other));
}

TEST_CASE("the tree: each mount after its parent, in the order of the lines") {
  std::vector<MountLine> lines;
  const auto add = [&lines](uint64_t id, uint64_t parent) {
    lines.emplace_back();
    lines.back().id = id;
    lines.back().parent = parent;
  };
  add(30, 20);  // before its parent
  add(10, 1);   // the root: its parent is not to be seen
  add(20, 10);
  add(21, 10);
  add(40, 40);  // its own parent
  add(22, 30);
  std::vector<std::pair<uint64_t, size_t>> tree;
  for (const auto& line : mount_tree(lines)) tree.emplace_back(lines[line.index].id, line.depth);
  CHECK(tree == std::vector<std::pair<uint64_t, size_t>>{
                    {10, 0}, {20, 1}, {30, 2}, {22, 3}, {21, 1}, {40, 0}});
}

TEST_CASE("a tree as deep as mounts can be stacked") {
  std::vector<MountLine> lines(100'000);
  for (size_t i = 0; i < lines.size(); ++i) {
    lines[i].id = i + 1;
    lines[i].parent = i;
  }
  const auto tree = mount_tree(lines);
  REQUIRE(tree.size() == lines.size());
  CHECK(tree.back().depth == lines.size() - 1);
}
