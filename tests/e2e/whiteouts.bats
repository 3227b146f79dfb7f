#!/usr/bin/env bats
# Whiteouts, opaque directories, and attributes that overlayfs would obey.
# shellcheck disable=SC2154,SC2016  # bats sets stderr, output, status; the scripts are for the container's shell

load helpers

# The names in /d, /d/sub, /e, and /top, as readdir(3) gives them: a ghost is seen there where stat(2) says there is nothing.
list='cd /; for f in d/* d/.w* d/sub/* e/* e/.w* to*; do case $f in *"*") ;; *) echo "$f" ;; esac; done'

@test "whiteouts: a file, a tree and a name that comes back" {
  shows good-whiteouts "$list; cat /top" d/both top again
}

@test "whiteouts: of what is not there, they hide nothing and leave no ghost" {
  shows good-whiteout-of-nothing "$list; echo /e/*" d/both d/old d/sub d/sub/deep top '/e/*'
}

@test "whiteouts: in the lowest layer they leave no ghost, and the mount points are there" {
  shows good-whiteouts-in-lowest-layer 'echo /e/* /etc/*; echo /proc/self /dev/null /sys/kernel; cat /etc/hostname >/dev/null' \
    '/e/* /etc/hostname /etc/hosts /etc/mtab /etc/resolv.conf' '/proc/self /dev/null /sys/kernel'
  [ -z "$stderr" ] || fail "it complains"
}

@test "case 41: a whiteout of nothing is refused" { case_refused case-41-nothing '\.wh\.'; }

@test "case 42: a whiteout of . or .. is refused" {
  for id in $(cases case-42-); do case_refused "$id" '\.wh\.\.'; done
}

@test "case 43: what aufs left is ignored, and no .wh. file is ever seen" {
  inside case-43-aufs 'find / -xdev -name ".wh.*"; cat /d/new /d/old'
  [ "$output" = $'new\nold' ] || fail
  [ -z "$(find "$MINIRUN_ROOT/overlay2" -name '.wh.*')" ]
}

@test "case 44: a whiteout through a symlink or .. leaves the host's file alone" {
  for id in $(cases case-44-); do contained "$id"; done
  [ "$(cat "$VICTIM/sentinel")" = 'do not touch' ]
}

@test "case 45: an opaque root hides the lower layers and nothing of its own" {
  shows case-45-opaque-root 'cat /mine; ls -d /d /top /hello 2>/dev/null; ls -d /proc/self /bin/sh' \
    mine /bin/sh /proc/self
}

@test "case 46: an opaque mark after its siblings leaves them" { shows case-46-opaque-after-siblings "$list" d/new top; }

@test "case 47: a whiteout in an opaque directory leaves no ghost, in either order" {
  for id in $(cases case-47-); do
    case $id in
      case-47-below-*) shows "$id" "$list; echo /d/* /d/sub/*" d/sub top '/d/sub /d/sub/*' ;;
      *) shows "$id" "$list; echo /d/*" d/new top /d/new ;;
    esac
    [ -z "$(find "$MINIRUN_ROOT/overlay2" -path '*/d/*' -type c)" ] || fail "a ghost lies in the layer"
  done
}

@test "case 48: a directory that was hidden and made anew is opaque, in either order" {
  for id in case-48-whiteout-then-dir case-48-dir-then-whiteout; do shows "$id" "$list" d/f top; done
  shows case-48-ghosts "$list; echo /d/* /d/sub/*" d/f d/sub top '/d/f /d/sub /d/sub/*'
}

@test "case 49: of a file and its whiteout in one layer the file shows, in either order" {
  for id in $(cases case-49-); do
    shows "$id" "$list; cat /d/both" d/both d/old d/sub d/sub/deep top upper
  done
}

@test "whiteouts: in the store they are character devices 0:0 and an attribute" {
  minirun load "$(forged good-whiteouts)"
  [ "$(find "$MINIRUN_ROOT/overlay2" -type c -printf '%f\n' | sort | tr '\n' ' ')" = 'old sub top ' ]
  [ "$(find "$MINIRUN_ROOT/overlay2" -type c -exec stat -c %t:%T {} + | sort -u)" = 0:0 ]
}

@test "whiteouts: an opaque directory has trusted.overlay.opaque=y" {
  minirun load "$(forged case-46-opaque-after-siblings)"
  find_top_layer
  [ "$(getfattr --absolute-names --only-values -n trusted.overlay.opaque "$top_layer/d")" = y ]
}

@test "case 50: trusted.overlay attributes of a layer are dropped" {
  shows case-50-trusted-overlay 'ls /d; ls /redirected; cat /f /w' new old upper w
  find_top_layer
  [ -z "$(getfattr -R -d -m '^trusted\.overlay' "$top_layer")" ] || fail "some are in the store"
}

@test "case 51: user.overlay attributes of a layer are dropped" {
  shows case-51-user-overlay 'ls /d; ls /redirected; cat /f /w' new old upper w
  find_top_layer
  [ -z "$(getfattr -R -d -m '^user\.overlay' "$top_layer")" ] || fail "some are in the store"
}

@test "case 52: attributes that are not the container's are dropped, in one line" {
  minirun load "$(forged case-52-foreign)"
  [ "$status" -eq 0 ]
  [ "$(wc -l <<<"$stderr")" -eq 1 ] || fail "not one line"
  grep -q 'security.selinux' <<<"$stderr" || fail "not named"
  # The kernel itself may show one of security.selinux where that is on.
  find_top_layer
  if getfattr -d -m - "$top_layer/attributes" | grep -E 'object_r|ima|trusted|nameless'; then fail "not dropped"; fi
}

@test "case 52: a malformed security.capability is refused" {
  for id in $(cases case-52-capability-); do case_refused "$id" 'security\.capability'; done
}
