#!/usr/bin/env bats
# Hostile entries in a layer. "Contained" means refused, or loaded with nothing outside touched.
# shellcheck disable=SC2154,SC2016  # bats sets stderr, output, status; the scripts are for the container's shell

load helpers

# Nothing of the cases that begin with $1 may touch the victim; whether they load is minirun's own affair.
all_contained() {
  local id
  for id in $(cases "$1"); do contained "$id"; done
}

@test "case 16: an absolute name lands inside" {
  shows case-16-absolute "cat $VICTIM/new" inside
  [ ! -e "$VICTIM/new" ]
}

@test "case 16: a name with .. in it, or none, is refused" {
  case_refused case-16-dotdot '\.\./'
  case_refused case-16-dotdot-inside 'a/\.\./\.\./b'
  case_refused case-16-only-dotdot '\.\.'
  case_refused case-16-empty-name 'name|path|header'
}

@test "case 17: a root entry that is no directory is refused" {
  for id in $(cases case-17-); do case_refused "$id" '(root|[./]).*(directory|symlink|FIFO)'; done
}

@test "case 18: nothing is written through a symlink of the layer" { all_contained case-18-; }

@test "case 18: a file takes the place of a symlink, not of its target" {
  shows case-18-file-symlink 'cat /l; test -L /l || echo file' inside file
}

@test "case 19: directory, symlink, directory of one name never reach the target" { all_contained case-19-; }

@test "case 20: a hard link never reaches a file outside" { all_contained case-20-; }

@test "case 20: a hard link to what is not in the layer is refused" {
  case_refused case-20-absolute 'h.*(sentinel|link)'
  case_refused case-20-dotdot 'h.*(\.\.|link)'
  case_refused case-20-before-target 'h.*(later|link)'
}

@test "case 21: metadata of a hard link to a symlink stays off the symlink's target" { all_contained case-21-; }

@test "case 22: a NUL in a pax path is refused" {
  for id in $(cases case-22-); do case_refused "$id" 'NUL|zero byte'; done
}

@test "case 23: of two pax paths none leads outside" { all_contained case-23-two-paths; }

@test "case 24: GNU.sparse.name is a name like any other" { all_contained case-24-sparse-name; }

@test "case 25: a global header does not rename, own or mark what follows outside" { all_contained case-25-global-header; }

@test "case 26: malformed pax records are refused" {
  for id in $(cases case-26-); do case_refused "$id" 'pax|extended header|header'; done
}

@test "case 27: a header with a wrong checksum is refused" {
  case_refused case-27-bad-checksum 'checksum'
  case_refused case-27-bad-checksum-outer 'checksum|archive|tar'
}

@test "case 28: entries after a block of zeros are refused" {
  for id in $(cases case-28-); do case_refused "$id" 'zero|end|after'; done
}

@test "case 29: an entry of unknown type is refused" {
  case_refused case-29-unknown-type 'type'
  case_refused case-29-multi-volume 'type|volume'
}

@test "case 30: a size that is negative, enormous or no number is refused" {
  for id in $(cases case-30-); do case_refused "$id" 'size|bytes|number'; done
}

@test "case 31: an owner that no kernel has is refused" {
  for id in $(cases case-31-uid) $(cases case-31-pax-uid); do case_refused "$id" 'bad.*(uid|owner|user)|uid'; done
  for id in $(cases case-31-gid) $(cases case-31-pax-gid); do case_refused "$id" 'bad.*(gid|group)|gid'; done
}

@test "case 32: a time out of range is clamped or refused" {
  for id in $(cases case-32-); do contained "$id" 'time'; done
}

@test "case 33: a device number out of range is refused" {
  for id in $(cases case-33-); do case_refused "$id" 'device|major'; done
}

@test "case 34: a device of the image cannot be opened" {
  for id in case-34-block-device case-34-char-device; do
    inside "$id" 'for f in /disk /memory; do [ ! -e $f ] || ! dd if=$f of=/dev/null bs=1 count=1 2>/dev/null || echo opened; done'
    [ -z "$output" ] || fail "$id"
  done
}

@test "case 35: a character device 0:0 is refused: it would be a whiteout" { case_refused case-35-whiteout-device 'hello.*0'; }

@test "case 36: setuid, setgid and capabilities are kept" {
  shows case-36-privileged 'stat -c "%a %u %g" /setuid-euid /setgid' '4755 0 0' '2755 0 12'
  find_top_layer
  getfattr -m - "$top_layer/capable" 2>/dev/null | grep -qx security.capability
}

@test "case 36: setuid gives nothing away under no_new_privs" {
  local archive
  archive=$(forged case-36-privileged)
  minirun run -u 7:7 "$archive" /euid
  [ "$status" -eq 7 ] || fail "the test program is wrong"
  minirun run -u 7:7 "$archive" /setuid-euid
  [ "$status" -eq 7 ] || fail "setuid worked"
}

@test "case 37: names that are too long or too deep are refused" {
  for id in $(cases case-37-); do case_refused "$id" 'long|deep|name|header|MB|kB'; done
}

@test "case 38: of entries of one name the last counts; directories merge" {
  shows case-38-duplicates 'cat /file-file /file-dir/f /dir-file /dir-dir/f /symlink-file
      readlink /dir-symlink; stat -c %a /file-file /dir-dir; ls /dir-symlink/ 2>/dev/null || echo no-dir' \
    new in new kept own file-file 600 700 no-dir
}

@test "case 38: a file that is replaced keeps its other name's content" {
  shows case-38-hardlink-then-file 'cat /one /two' second first
}

@test "case 39: a FIFO that becomes a file blocks nobody" {
  shows case-39-fifo-then-file 'cat /pipe' 'a file'
  shows case-39-fifo-then-hardlink 'cat /link; test -p /pipe && echo fifo' 'a file' fifo
}

@test "case 40: flags and ACLs are left out, and that is said once" {
  minirun load "$(forged case-40-flags-and-acl)"
  [ "$status" -eq 0 ]
  [ "$(grep -ciE 'acl|flag' <<<"$stderr")" -eq 1 ] || fail "not said once"
  shows case-40-flags-and-acl 'rm /flagged /with-acl && echo removed' removed
}
