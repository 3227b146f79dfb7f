#include <sys/mount.h>

#include "mount/bind.h"
#include "tests/unit/box.h"

namespace minirun::mount {
namespace {

using Catch::Contains;
using scratch::Box;
using scratch::exists;
using scratch::in_mount_namespace;
using scratch::is_root;
using scratch::link_to;
using scratch::mount_at;
using scratch::read_file;
using scratch::write_file;

TEST_CASE("case 73: a target behind an absolute symlink resolves inside, dangling or not [root]",
          "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(dir / "source/f", "bound");
    std::filesystem::create_directories(box.image() + "/run");
    std::filesystem::create_directories(box.image() + "/var");
    link_to("/run", box.image() + "/var/run");
    link_to((dir / "victim"), box.image() + "/dangling");
    box.start();
    Bind{dir / "source", box.merged(), "/var/run/y"}.apply(box.live);
    CHECK(read_file(box.merged() + "/run/y/f") == "bound");
    Bind{dir / "source/f", box.merged(), "/dangling"}.apply(box.live);
    CHECK_FALSE(exists(dir / "victim"));
    CHECK(read_file(box.merged() + (dir / "victim")) == "bound");
    Bind{dir / "source", box.merged(), "/../../up"}.apply(box.live);
    CHECK(read_file(box.merged() + "/up/f") == "bound");
  });
}

TEST_CASE("a file is not bound on a directory, nor a directory on a file [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    write_file(dir / "source/f", "");
    write_file(box.image() + "/d/f", "");
    box.start();
    CHECK_THROWS_WITH((Bind{dir / "source", box.merged(), "/d/f"}.apply(box.live)),
                      Contains("directory on /d/f, which is a file"));
    CHECK_THROWS_WITH((Bind{dir / "source/f", box.merged(), "/d"}.apply(box.live)),
                      Contains("file on /d, which is a directory"));
    CHECK_THROWS_WITH((Bind{dir / "missing", box.merged(), "/x"}.apply(box.live)),
                      Contains("missing"));
  });
}

TEST_CASE("case 74: a named volume whose directory is a symlink is not bound [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    std::filesystem::create_directories(box.volumes() + "/good/_data");
    std::filesystem::create_directories(box.volumes() + "/b");
    link_to("/etc", box.volumes() + "/b/_data");
    link_to("good", box.volumes() + "/a");
    link_to(box.volumes(), dir / "via");
    box.start();
    for (const char* name : {"a", "b"}) {
      const Bind bind{box.volumes() + "/" + name + "/_data", box.merged(), "/v", 0, true};
      CHECK_THROWS_AS(bind.apply(box.live), SysError);
    }
    Bind{dir / "via/good/_data", box.merged(), "/v", 0, true}.apply(box.live);
    CHECK_THAT(mount_at(box.merged() + "/v"), Contains("/good/_data"));
  });
}

TEST_CASE("case 76: a read-only bind is read only all the way down [root]", "[root]") {
  if (!is_root()) return;
  const scratch::Dir dir;
  in_mount_namespace(dir.path(), [&] {
    Box box(dir / "s");
    std::filesystem::create_directories(dir / "source/sub");
    check(::mount("tmpfs", (dir / "source/sub").c_str(), "tmpfs", 0, nullptr), "mount");
    box.start();
    Bind{dir / "source", box.merged(), "/v", MOUNT_ATTR_RDONLY}.apply(box.live);
    for (const char* name : {"/v/x", "/v/sub/x"}) {
      CHECK(::mkdir((box.merged() + name).c_str(), 0700) == -1);
      CHECK(errno == EROFS);
    }
    CHECK(::mkdir((dir / "source/sub/x").c_str(), 0700) == 0);
  });
}

}  // namespace
}  // namespace minirun::mount
