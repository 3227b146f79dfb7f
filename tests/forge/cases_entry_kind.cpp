// Cases 34 to 40: devices, privileged files, one name more than once, and metadata that is not
// kept.
#include "runner/base/error.h"
#include "tests/forge/cases.h"
#include "tests/forge/program.h"

namespace minirun::forge {
namespace {

/// struct vfs_cap_data, version 2: cap_net_raw, effective and permitted (linux/capability.h).
std::string net_raw_capability() { return {"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20}; }

Tar privileged(const Options&) {
  Header setgid;
  setgid.name = "setgid";
  setgid.mode = 02755;
  setgid.gid = 12;
  Header setuid;
  setuid.name = "setuid-euid";
  setuid.mode = 04755;
  Tar tar;
  tar.add(setuid, program_that_exits_with_euid()).add(setgid, "x");
  tar.file("euid", program_that_exits_with_euid(), 0755);
  return tar.file_with_xattrs("capable", {{"security.capability", net_raw_capability()}});
}

/// Each name twice: the later entry replaces the earlier, but a directory on a directory only gets
/// its metadata.
Tar duplicates() {
  return Tar()
      .file("file-file", "old\n")
      .file("file-file", "new\n", 0600)
      .file("file-dir", "old\n")
      .dir("file-dir/")
      .file("file-dir/f", "in\n")
      .dir("dir-file/")
      .file("dir-file/f", "old\n")
      .file("dir-file", "new\n")
      .dir("dir-symlink/")
      .file("dir-symlink/f", "old\n")
      .symlink("dir-symlink", "file-file")
      .dir("dir-dir/", 0755)
      .file("dir-dir/f", "kept\n")
      .dir("dir-dir/", 0700)
      .symlink("symlink-file", "file-file")
      .file("symlink-file", "own\n");
}

/// Two names of one file, then one of them again: the other must keep what it had.
Tar hardlink_then_file() {
  return Tar().file("one", "first\n").hardlink("two", "one").file("one", "second\n");
}

Tar flags_and_acl() {
  const std::string acl = "user::rw-,user:1000:rwx,group::r--,mask::rwx,other::r--";
  return Tar()
      .pax(pax_record("SCHILY.fflags", "immutable,append") + pax_record("SCHILY.acl.access", acl))
      .file("flagged", "x\n")
      .pax(pax_record("SCHILY.acl.access", acl) + pax_record("LIBARCHIVE.creationtime", "1"))
      .file("with-acl", "x\n");
}

constexpr Case cases[] = {
    {"case-34-block-device", "a block device 7:0, mode 0666",
     [](const Options& o) { return on_shell(o, {Tar().device("disk", '4', 7, 0)}); }},
    {"case-34-char-device", "a character device 1:1 (the memory)",
     [](const Options& o) { return on_shell(o, {Tar().device("memory", '3', 1, 1)}); }},
    {"case-35-whiteout-device", "a character device 0:0",
     [](const Options&) { return on_hello(Tar().device("hello", '3', 0, 0)); }},
    {"case-36-privileged", "setuid, setgid, and a file with a capability",
     [](const Options& o) { return on_shell(o, {privileged(o)}); }},
    {"case-38-duplicates", "names that stand twice",
     [](const Options& o) { return on_shell(o, {duplicates()}); }},
    {"case-38-hardlink-then-file", "a hard link, then its target again",
     [](const Options& o) { return on_shell(o, {hardlink_then_file()}); }},
    {"case-39-fifo-then-file", "a FIFO, then a file of that name",
     [](const Options& o) { return on_shell(o, {Tar().fifo("pipe").file("pipe", "a file\n")}); }},
    {"case-39-fifo-then-hardlink", "a hard link to a FIFO, then a file of that name",
     [](const Options& o) {
       return on_shell(o, {Tar().fifo("pipe").hardlink("link", "pipe").file("link", "a file\n")});
     }},
    {"case-40-flags-and-acl", "immutable and append flags, ACLs",
     [](const Options& o) { return on_shell(o, {flags_and_acl()}); }},
};

}  // namespace

std::span<const Case> entry_kind_cases() { return cases; }

}  // namespace minirun::forge
