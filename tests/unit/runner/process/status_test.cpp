#include "runner/process/status.h"

#include "tests/unit/catch.h"

using namespace minirun::ns;

TEST_CASE("status: ids, pids in each namespace, capabilities and seccomp") {
  const ProcessStatus status = parse_status(
      "Name:\tnginx\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nPid:\t4711\nPPid:\t4700\n"
      "Uid:\t1000\t0\t1001\t1002\nGid:\t5\t6\t7\t8\nGroups:\t4 24 4294967294 \n"
      "NSpid:\t4711\t12\t1\nThreads:\t3\nCapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\n"
      "CapEff:\t0000000000000001\nCapBnd:\t00000000a80425fb\nCapAmb:\t8000000000000000\n"
      "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n");
  CHECK(status.state == "S (sleeping)");
  CHECK(status.tgid == 4711);
  CHECK(status.parent == 4700);
  CHECK(status.threads == 3);
  CHECK(status.pids == std::vector<uint64_t>{4711, 12, 1});
  CHECK(status.uid == Ids{1000, 0, 1001, 1002});
  CHECK(status.gid == Ids{5, 6, 7, 8});
  CHECK(status.groups == std::vector<uint32_t>{4, 24, 4294967294});
  CHECK(status.inheritable == 0);
  CHECK(status.permitted == 0x1ffffffffff);
  CHECK(status.effective == 1);
  CHECK(status.bounding == 0xa80425fb);
  CHECK(status.ambient == 0x8000000000000000);
  CHECK(status.no_new_privs);
  CHECK(status.seccomp == 2);
  CHECK(status.seccomp_filters == 3U);
  CHECK_FALSE(status.is_zombie());
}

TEST_CASE("status: a name that looks like lines of it changes nothing") {
  const ProcessStatus status =
      parse_status("Name:\tx\\nUid:\\t0\nState:\tZ (zombie)\nUid:\t7\t7\t7\t7\nGroups:\t \n");
  CHECK(status.uid == Ids{7, 7, 7, 7});
  CHECK(status.groups.empty());
  CHECK(status.is_zombie());
  CHECK_FALSE(status.seccomp_filters);
}

TEST_CASE("status: nothing, or half of it, is no crash") {
  CHECK(parse_status("").state.empty());
  CHECK(parse_status("Uid:\t1\nUid\n:\n").uid == Ids{});
}

TEST_CASE("limits: names with spaces, no end, and no unit") {
  const auto limits = parse_limits(
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max cpu time              unlimited            unlimited            seconds   \n"
      "Max open files            1024                 524288               files     \n"
      "Max core file size        0                    unlimited            bytes     \n"
      "Max nice priority         0                    0                    \n"
      "Max\nMax realtime priority     0\n");
  CHECK(limits == std::vector<ProcessLimit>{{"Max cpu time", {}, {}, "seconds"},
                                            {"Max open files", 1024, 524288, "files"},
                                            {"Max core file size", 0, {}, "bytes"},
                                            {"Max nice priority", 0, 0, ""}});
  CHECK(parse_limits("").empty());
}

TEST_CASE("stat: a thread of the kernel, whatever its name") {
  CHECK(is_kernel_thread("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0"));
  CHECK_FALSE(is_kernel_thread("7 (bash) S 1 7 7 0 -1 4194304 0 0 0"));
  CHECK_FALSE(is_kernel_thread("7 (x) S 0 0 0 0 -1 2129984) S 1 7 7 0 -1 4194304 0 0 0"));
  CHECK(is_kernel_thread("7 () ) (\n) S 0 0 0 0 -1 2129984 0"));
  CHECK_FALSE(is_kernel_thread(""));
  CHECK_FALSE(is_kernel_thread("7 (x) S 1"));
}

TEST_CASE("maps of ids: what an id is inside") {
  const auto map =
      parse_id_map("         0       1000          1\n         1     100000      65536\n");
  CHECK(map == std::vector<IdRange>{{0, 1000, 1}, {1, 100000, 65536}});
  CHECK(id_inside(map, 1000) == 0U);
  CHECK(id_inside(map, 100000) == 1U);
  CHECK(id_inside(map, 165535) == 65536U);
  CHECK_FALSE(id_inside(map, 165536));
  CHECK_FALSE(id_inside(map, 999));
  CHECK_FALSE(is_identity(map));
  CHECK(is_identity(parse_id_map("         0          0 4294967295\n")));
  CHECK(parse_id_map("").empty());
  CHECK(parse_id_map("1 2\nx y\n").empty());
}

TEST_CASE("cgroups: v1, v2, and names with colons") {
  const auto groups = parse_cgroups("12:cpu,cpuacct:/a\n1:name=systemd:/b:c\n0::/d e\n\nx\n");
  CHECK(groups == std::vector<CgroupPath>{{12, {"cpu", "cpuacct"}, "/a"},
                                          {1, {"name=systemd"}, "/b:c"},
                                          {0, {}, "/d e"}});
}

TEST_CASE("links to namespaces") {
  CHECK(namespace_inode("mnt:[4026531841]") == 4026531841U);
  for (const char* text : {"", "mnt", "mnt:[", "mnt:[]", "mnt:[x]", "mnt:[1", "/proc/1/ns/mnt"}) {
    INFO(text);
    CHECK_FALSE(namespace_inode(text));
  }
}
