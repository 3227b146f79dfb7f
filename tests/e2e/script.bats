#!/usr/bin/env bats
# --print-script: the script is run, and its container compared from inside with minirun's own.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container
load script

# All that a program can see of how it was started, in sections. /bin/busybox is all that it needs.
PROBE='b=/bin/busybox
  echo "== mounts";     $b cat /proc/self/mountinfo
  echo "== namespaces"; for n in cgroup ipc mnt net pid user uts; do $b readlink /proc/self/ns/$n; done
  echo "== ids";        $b grep -E "^(Uid|Gid|Groups):" /proc/self/status; $b id
  echo "== status";     $b grep -E "^(Cap|NoNewPrivs|Seccomp|Sig[BCIP]|Shd|Umask)" /proc/self/status
  echo "== limits";     $b cat /proc/self/limits /proc/self/oom_score_adj
  echo "== cwd";        pwd; $b readlink /proc/self/cwd
  echo "== environment"; $b tr "\0" "\n" < /proc/1/environ
  echo "== arguments";  $b tr "\0" "\n" < /proc/1/cmdline
  echo "== name";       $b hostname; $b cat /etc/hostname /etc/hosts /etc/resolv.conf
  echo "== session";    $b awk "{ print \$1, \$4, \$5, \$6, \$7, \$8 }" /proc/1/stat
  echo "== cgroup";     $b grep "^0:" /proc/self/cgroup
  echo "== descriptors"; echo /proc/1/fd/*; $b readlink /proc/1/fd/0
  echo "== interfaces"; $b ls /sys/class/net; $b cat /sys/class/net/lo/flags /sys/class/net/lo/operstate
  echo "== /dev";       $b find /dev -exec $b stat -c "%n %F %a %u:%g %t:%T %N" "{}" +
  echo "== /";          $b find / -xdev -type d -exec $b stat -c "%n %a %u:%g" "{}" + 2> /dev/null | $b sort
  for made in /data /vol /made /t; do [ ! -d $made ] || $b ls -lanR $made; done'

# What can't be the same in two containers made equal: ids of mounts, anonymous devices and namespaces, the container's
# own id, and the minute. A mount's parent becomes its mount point; a namespace is the host's or not.
normalised() {
  local minute
  minute="$(date -u -d -1min '+%b %e %H:%M')|$(date -u '+%b %e %H:%M')" # as busybox' ls has it
  awk -v id="$1" -v store="$MINIRUN_ROOT" -v minute="$minute" '
    BEGIN { while (("readlink /proc/self/ns/*" | getline name) > 0) of_host[name] = 1 }
    # Signals 32 and 33, where who runs this ignores them.
    { sub(/^SigIgn:\t0000000180000000/, "SigIgn:\t0000000000000000") }
    { gsub(minute, "NOW") }
    { gsub(id, "ID"); gsub("/volumes/[0-9a-f]+/", "/volumes/ANONYMOUS/") }
    /^== / { section = $2 }
    section == "mounts" && NF > 5 {
      place[$1] = $5
      $2 = $2 in place ? place[$2] : "-"
      $1 = ""
      sub(/^0:.*/, "0:", $3)
    }
    section == "namespaces" && /\[/ { $0 = ($0 in of_host ? "the host'"'"'s " : "its own ") substr($0, 1, index($0, ":")) }
    { print }'
}

# same_container OPTION...: of $IMAGE, once by minirun and once by its script; leaves what was seen in $seen.
same_container() {
  local id
  print_script "$WORK/script" -h box "$@" "$IMAGE" /bin/busybox sh -c "$PROBE"
  run_script "$WORK/script"
  [ "$status" -eq 0 ] || fail "the script failed"
  [ -z "$stderr" ] || fail "the script complains"
  seen=$(normalised "$script_id" <<< "$output")
  nothing_of_the_script_is_left
  run --separate-stderr timeout 60 "${CALLER[@]}" "$MINIRUN" -h box "$@" "$IMAGE" /bin/busybox sh -c "$PROBE"
  [ "$status" -eq 0 ] || fail "the container failed"
  id=$(sed -nE 's|.*/containers/([0-9a-f]{12})/hosts /etc/hosts.*|\1|p' <<< "$output")
  wanted=$(normalised "${id:-none}" <<< "$output")
  # The filter is the one thing here that no shell can do.
  grep -qx $'Seccomp:\t0' <<< "$seen" || fail "the script's container has a filter"
  grep -qx $'Seccomp:\t2' <<< "$wanted" || fail "minirun's container has no filter"
  diff <(grep -v '^Seccomp' <<< "$wanted") <(grep -v '^Seccomp' <<< "$seen") || fail "not the same container"
}

@test "the script's container is minirun's, as seen from inside" {
  new_rootfs
  new_image '"Env":["PATH=/bin","A=of the image"]'
  same_container
  [ "$(grep -c '^its own' <<< "$seen")" -eq 6 ] || fail "not all namespaces are its own"
  grep -qx "the host's user:" <<< "$seen" || fail "the user namespace"
  [ "$(grep -c ' /proc/' <<< "$seen")" -gt 3 ] || fail "the probe saw no mounts"
}

@test "the same for a user, a working directory that is made, and variables with spaces and newlines" {
  new_rootfs
  mkdir -m 700 "$ROOTFS/tmp/roots"
  new_image
  same_container -u student -w /made -e A='b c' -e "Q=it's \"quoted\" \$HOME" -e N=$'two\nlines\n' -e -dash=1
  grep -qx 'uid=1000(student) gid=1000(student) groups=1000(student),2000(lab)' <<< "$seen" || fail "another user: $seen"
  grep -qx /made <<< "$seen" || fail "another directory"
  grep -qx 'A=b c' <<< "$seen" || fail "another environment"
  grep -q '^CapEff:.0*$' <<< "$seen" || fail "a user has capabilities"
  same_container -u 7:9
  print_script "$WORK/script" -u student -w /tmp/roots "$IMAGE" true
  run_script "$WORK/script"
  [ "$status" -eq 125 ] || fail "it was entered as root"
}

@test "the same whatever the caller's variables, signals, limits, umask, groups and directory are" {
  new_rootfs
  new_image
  CALLER=(env --ignore-signal="HUP,INT,USR1" --block-signal="TERM,USR2" -C /
    host=x session=x privileges=--x user=x reset=--x signals=--x undo=x child=1 at=/x LC_ALL=de_DE.UTF-8 IFS=i setpriv --groups "4,5"
    prlimit --nofile=2000:3000 --core=0:unlimited --stack=4194304: sh -c 'umask 077; exec "$@"' sh)
  same_container
  grep -qx 'SigIgn:.0*' <<< "$seen" || fail "signals are ignored inside"
  grep -qx 'Umask:.0022' <<< "$seen" || fail "the caller's umask"
  grep -q '^Max open files *1024 ' <<< "$seen" || fail "the caller's limit"
}

@test "the same for bind mounts, read-only ones with mounts below, and volumes that are filled" {
  new_rootfs
  mkdir -p "$ROOTFS/vol/d"
  echo of the image > "$ROOTFS/vol/d/file"
  chmod 1777 "$ROOTFS/vol"
  ln -s /run "$ROOTFS/var-run"
  new_image '"Volumes":{"/declared":{}}'
  mkdir -p "$WORK/data/inner dir" "$WORK/it's \"odd\""
  echo precious > "$WORK/data/file"
  mount -t tmpfs -o nosuid inner "$WORK/data/inner dir"
  options=(-v "$WORK/data:/data:ro" -v "$WORK/it's \"odd\":/in/the/image/is/nothing" -v vol:/vol --tmpfs /t:size=1m
    -v "$WORK/data/file:/etc/one file:ro" -v "$WORK/data:/var-run/linked")
  same_container "${options[@]}"
  [ "$(cat "$MINIRUN_ROOT/volumes/vol/_data/d/file")" = 'of the image' ] || fail "the volume was not filled"
  [ "$(grep -c 'inner rw' <<< "$seen")" -eq 2 ] || fail "the mount below is not there twice"
  grep -q ' / /data/inner.040dir ro,nosuid,' <<< "$seen" || fail "the mount below is writable"
  grep -q ' /run/linked rw' <<< "$seen" || fail "a symlink of the image led elsewhere"
  [ ! -e /run/linked ] || fail "a symlink of the image led out"
  umount "$WORK/data/inner dir"
}

@test "the same for --read-only, --network host, a mount over a generated file, and --keep" {
  new_rootfs
  new_image
  same_container --read-only -v vol:/vol -w /made
  grep -q '^ - / / ro,nodev' <<< "$seen" || grep -q ' / / ro,nodev' <<< "$seen" || fail "the root is writable"
  same_container --network host
  grep -qx "the host's net:" <<< "$seen" || fail "not the host's network"
  echo '127.0.0.1 mine' > "$WORK/hosts"
  print_script "$WORK/script" -v "$WORK/hosts:/etc/hosts" --keep --name kept "$IMAGE" /bin/busybox sh -c 'cat /etc/hosts; echo x > /new'
  run_script "$WORK/script"
  [ "$output" = '127.0.0.1 mine' ] || fail "another file"
  minirun diff kept
  [ "$output" = 'A /new' ] || fail "not kept"
  minirun rm kept
  nothing_of_the_script_is_left
}

@test "names with spaces, quotes and newlines survive: of the store, mounts, directories, the program and its arguments" {
  # shellcheck disable=SC2030,SC2031 # of this test alone
  export MINIRUN_ROOT="$WORK/it's a \"store\", \\ and
more"
  new_rootfs
  printf '#!/bin/sh\npwd\ncat "$1"\necho "$2"\necho x > "$1"\n' > "$ROOTFS/bin/it's
a program"
  chmod 755 "$ROOTFS/bin/it's
a program"
  new_image
  mkdir "$WORK/a b
c"
  echo here > "$WORK/a b
c/file"
  options=(-v "$WORK/a b
c:/to 'd'
e
:ro" -w "/x 'y'
z
")
  print_script "$WORK/script" "${options[@]}" "$IMAGE" "/bin/it's
a program" "/to 'd'
e
/file" "*  '\"\$HOME
#"
  run_script "$WORK/script"
  [ "$output" = "/x 'y'
z

here
*  '\"\$HOME
#" ] || fail "not as it was"
  [[ $stderr == *'Read-only file system'* ]] || fail "not read only"
  nothing_of_the_script_is_left
}

@test "what a shell can't do stands in its place, and it is no more than this" {
  new_rootfs
  new_image
  print_script "$WORK/script" "$IMAGE" true
  while read -r step what; do
    sed -n "/^step='$step'\$/,/^step=/p" "$WORK/script" | grep -q "^# no shell equivalent: .*$what" || fail "not at $step"
  done << 'END'
devices BPF program
workdir in the last line
scheduling for nice
session keyring
reset 32 and 33
seccomp seccomp(2)
close-fds above 9
END
  [ "$(grep -c '^# no shell equivalent: ' "$WORK/script")" -eq 7 ] || fail "another count"
  # and it is true of the descriptors, so that the comment may not outlive its reason
  print_script "$WORK/script" "$IMAGE" sh -c 'echo /proc/1/fd/*'
  [[ "$(without_high_descriptors bash -c 'exec 5< / 12< /; exec sh "$0"' "$WORK/script")" == *'/12'* ]] || fail "12 was closed"
  [[ "$(without_high_descriptors bash -c 'exec 5< / 12< /; exec sh "$0"' "$WORK/script")" != *'/5'* ]] || fail "5 was left open"
}

@test "programs of util-linux, coreutils and mount are all it takes" {
  new_rootfs
  new_image '"Volumes":{"/declared":{}}'
  mkdir "$WORK/bin" "$WORK/data"
  for program in $(dpkg -L util-linux coreutils mount | grep -E '^(/usr)?/s?bin/'); do
    ln -sf "$(readlink -f "$program")" "$WORK/bin/${program##*/}"
  done
  ln -s /bin/dash "$WORK/bin/sh"
  print_script "$WORK/script" -v "$WORK/data:/data:ro" -v vol:/vol -u student -w /made "$IMAGE" sh -c 'echo ran'
  sed -i "s|^PATH=.*|PATH=$WORK/bin|" "$WORK/script"
  grep -q "^PATH=$WORK/bin" "$WORK/script"
  run "$WORK/bin/sh" "$WORK/script"
  [ "$output" = ran ] || fail "a program is missing: $output"
  while read -r program; do
    [ -e "$WORK/bin/$program" ] || fail "$program is of another package"
  done < <(grep -oE '\$host \./s?bin/[a-z]+' "$WORK/script" | sed 's|.*/||' | sort -u)
  nothing_of_the_script_is_left
}

@test "from a terminal, the program gets a session without it" {
  new_rootfs
  new_image
  print_script "$WORK/script" -i "$IMAGE" /bin/busybox awk '{ print $1, $5, $6, $7 }' /proc/self/stat
  run script -qec "sh $WORK/script" /dev/null
  [ "${output%$'\r'}" = '1 1 1 0' ] || fail "another session"
}
