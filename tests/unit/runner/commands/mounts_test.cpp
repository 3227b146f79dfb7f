#include "runner/commands/mounts.h"

#include <linux/mount.h>

#include "runner/base/error.h"
#include "tests/unit/catch.h"

using namespace minirun;
using Catch::Contains;
using Kind = MountSpec::Kind;

TEST_CASE("-v: a source with / or . is a bind mount, relative to where one stands; else a volume") {
  const MountSpec relative = parse_volume_option("./data:/data", "/home/me");
  CHECK(relative.kind == Kind::bind);
  CHECK(relative.source == "/home/me/data");
  CHECK(relative.target == "/data");
  CHECK(relative.make_source);
  CHECK(parse_volume_option("..:/up", "/home/me").source == "/home");
  CHECK(parse_volume_option("/abs/:/x/../y", "/").source == "/abs");
  CHECK(parse_volume_option("/abs/:/x/../y", "/").target == "/y");
  const MountSpec named = parse_volume_option("vol:/data:ro,nocopy", "/");
  CHECK(named.kind == Kind::volume);
  CHECK(named.source == "vol");
  CHECK(named.read_only);
  CHECK_FALSE(named.fill);
  const MountSpec anonymous = parse_volume_option("/data", "/");
  CHECK(anonymous.kind == Kind::volume);
  CHECK(anonymous.source.empty());
  CHECK(parse_volume_option("vol:/data:z", "/").fill);
}

TEST_CASE("case 74: what is no volume name is refused before any path is built") {
  for (const char* bad : {"a/b:/x", "-v:/x", ":/x", "a b:/x", "~:/x"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_volume_option(bad, "/"), UsageError);
  }
  CHECK_THROWS_AS(parse_mount_option("type=volume,source=../../etc,target=/x", "/"), UsageError);
}

TEST_CASE("nothing can be mounted on what the container's masks rely on") {
  for (const char* target :
       {"/", "/proc", "/proc/sys", "/sys", "/sys/firmware", "/dev", "/x/../proc", "//sys/"}) {
    INFO(target);
    CHECK_THROWS_WITH(parse_volume_option(cat("v:", target), "/"),
                      Contains("nothing can be mounted on"));
    CHECK_THROWS_WITH(parse_tmpfs_option(target), Contains("nothing can be mounted on"));
  }
  CHECK_NOTHROW(parse_volume_option("v:/dev/shm", "/"));
  CHECK_NOTHROW(parse_volume_option("v:/process", "/"));
}

TEST_CASE("--mount: types, their keys, and what doesn't belong") {
  const MountSpec bind = parse_mount_option("type=bind,src=data,dst=/data,readonly", "/home/me");
  CHECK(bind.source == "/home/me/data");
  CHECK(bind.read_only);
  CHECK_FALSE(bind.make_source);
  CHECK(parse_mount_option("target=/data", "/").kind == Kind::volume);
  CHECK_FALSE(parse_mount_option("type=volume,source=v,target=/d,volume-nocopy", "/").fill);
  const MountSpec tmpfs =
      parse_mount_option("type=tmpfs,target=/t,tmpfs-size=1000,tmpfs-mode=700,ro", "/");
  CHECK(tmpfs.options == std::vector<std::string>{"size=1000", "mode=700"});
  CHECK((tmpfs.attributes & MOUNT_ATTR_RDONLY) != 0);
  for (const char* bad : {"type=bind,target=/x", "type=bind,source=/a", "type=frob,target=/x",
                          "type=tmpfs,source=a,target=/t", "type=bind,source=/a,target=x",
                          "type=bind,source=/a,target=/x,target=/y", "type=volume,target=/x,size=1",
                          "type=bind,source=/a,target=/x,readonly=maybe", ""}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_mount_option(bad, "/"), UsageError);
  }
}

TEST_CASE("--tmpfs: flags that every mount has and options of the file system are told apart") {
  const MountSpec plain = parse_tmpfs_option("/t");
  CHECK(plain.attributes == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  const MountSpec mixed = parse_tmpfs_option("/t:size=64m,exec,ro,mode=1777");
  CHECK(mixed.attributes == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY));
  CHECK(mixed.options == std::vector<std::string>{"size=64m", "mode=1777"});
  CHECK_THROWS_WITH(parse_tmpfs_option("/t:frob"), Contains("unknown option frob"));
  CHECK_THROWS_WITH(parse_tmpfs_option("/t:dev"), Contains("but its /dev has devices"));
}

TEST_CASE("--tmpfs: values that can't be meant are refused before anything is made") {
  for (const char* bad : {"size=x", "size=", "size", "size=-1", "size=1z", "mode=999", "mode=77777",
                          "mode=", "uid=root", "uid=4294967295", "gid=-1", "nr_inodes=x",
                          "mpol=frob", "remount", "bind", "uid"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_tmpfs_option(cat("/t:", bad)), UsageError);
  }
  for (const char* good :
       {"size=50%", "size=1G", "size=0", "mode=01777", "mode=7", "uid=0", "nr_inodes=10k",
        "mpol=interleave:0-1", "mpol=prefer=relative:1", "sync", "dirsync"}) {
    INFO(good);
    CHECK(parse_tmpfs_option(cat("/t:", good)).options == std::vector<std::string>{good});
  }
}

TEST_CASE("--tmpfs: access times, and words that change nothing") {
  const auto attributes = [](const char* words) {
    return parse_tmpfs_option(cat("/t:", words)).attributes;
  };
  const uint64_t plain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  CHECK(attributes("noatime") == (plain | MOUNT_ATTR_NOATIME));
  CHECK(attributes("noatime,relatime") == plain);
  CHECK(attributes("noatime,strictatime") == (plain | MOUNT_ATTR_STRICTATIME));
  CHECK(attributes("nodiratime") == (plain | MOUNT_ATTR_NODIRATIME));
  CHECK(attributes("defaults,async,relatime,rw") == plain);
  CHECK(parse_tmpfs_option("/t:defaults").options.empty());
}

TEST_CASE("-v: modes of other systems are accepted, propagation is a bind mount's, one of a kind") {
  for (const char* mode : {"cached", "delegated", "consistent", "z", "Z", "rw", "private",
                           "rprivate", "ro,z,cached,rprivate,nocopy"}) {
    INFO(mode);
    CHECK_FALSE(parse_volume_option(cat("/a:/b:", mode), "/").follows_host);
  }
  for (const char* mode : {"slave", "rslave", "shared", "rshared", "ro,rslave"}) {
    INFO(mode);
    CHECK(parse_volume_option(cat("/a:/b:", mode), "/").follows_host);
    CHECK_THROWS_WITH(parse_volume_option(cat("v:/b:", mode), "/"), Contains("no propagation"));
  }
  for (const char* bad :
       {"", "ro,rw", "ro,ro", "z,Z", "cached,delegated", "shared,private", "rw,", "frob", "RO"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_volume_option(cat("/a:/b:", bad), "/"), UsageError);
  }
}

TEST_CASE(
    "--mount: keys in any case, a comma in quotes, what Docker has for a bind mount and a volume") {
  const MountSpec quoted =
      parse_mount_option("TYPE=bind,\"Source=/a,b\",Target=/x,ReadOnly,Bind-NonRecursive", "/");
  CHECK(quoted.source == "/a,b");
  CHECK(quoted.read_only);
  CHECK_FALSE(quoted.recursive);
  CHECK(parse_mount_option("type=bind,src=/a,dst=/x,bind-nonrecursive=false", "/").recursive);
  CHECK(parse_mount_option("type=bind,src=/a,dst=/x,bind-propagation=rslave", "/").follows_host);
  CHECK_FALSE(
      parse_mount_option("type=bind,src=/a,dst=/x,bind-propagation=rprivate", "/").follows_host);
  CHECK(parse_mount_option("type=bind,src=/a,dst=/x,consistency=cached", "/").source == "/a");
  const MountSpec labelled =
      parse_mount_option("src=v,dst=/x,volume-label=a=1,volume-label=b=2,readonly=0", "/");
  CHECK(labelled.source == "v");
  CHECK_FALSE(labelled.read_only);
  for (const char* bad :
       {"type=bind,source=/a,target=/x,bind-propagation=some",
        "type=bind,source=/a,target=/x,consistency=x", "type=bind,source=/a,target=/x,\"y",
        "type=volume,target=/x,bind-propagation=rslave", "type=tmpfs,target=/x,tmpfs-size=big",
        "type=tmpfs,target=/x,tmpfs-mode=9"}) {
    INFO(bad);
    CHECK_THROWS_AS(parse_mount_option(bad, "/"), UsageError);
  }
}

TEST_CASE("outer targets come before inner ones, and one target is mounted once") {
  Options options;
  options.volumes = {"v:/a/b/c", "w:/a"};
  options.tmpfs = {"/a/b"};
  const auto mounts = parse_mounts(options, "/");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].target == "/a");
  CHECK(mounts[1].target == "/a/b");
  CHECK(mounts[2].target == "/a/b/c");
  options.mounts = {"type=tmpfs,target=/a/./b/"};
  CHECK_THROWS_WITH(parse_mounts(options, "/"), Contains("/a/b is the target of two mounts"));
}
