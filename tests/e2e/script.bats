#!/usr/bin/env bats
# --print-script: the script is run, and its container compared from inside with minirun's own.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

# All that a program can see of how it was started, in sections. /bin/busybox is all that it needs.
PROBE='b=/bin/busybox
  echo "== mounts";     $b cat /proc/self/mountinfo
  echo "== namespaces"; for n in cgroup ipc mnt net pid user uts; do $b readlink /proc/self/ns/$n; done
  echo "== ids";        $b grep -E "^(Uid|Gid|Groups):" /proc/self/status; $b id
  echo "== status";     $b grep -E "^(Cap|NoNewPrivs|Seccomp|Sig|Shd|Umask)" /proc/self/status
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

# print_script FILE OPTION... IMAGE COMMAND...: it is POSIX sh, and shellcheck has nothing to say about it.
print_script() {
  local file=$1
  shift
  ran="minirun --print-script $*"
  "$MINIRUN" --print-script "$@" > "$file" || fail "not printed"
  dash -n "$file" || fail "no shell script"
  shellcheck -s sh "$file" || fail "shellcheck complains"
  script_id=$(sed -n 's/^# container  //p' "$file")
  [ -n "$script_id" ] || fail "no id in the script"
}

# Runs a command without the descriptors above 9 that bats and its caller left open: sh can't close those.
without_high_descriptors() {
  (
    for fd in /proc/"$BASHPID"/fd/*; do
      fd=${fd##*/}
      [ "$fd" -le 9 ] || eval "exec $fd>&-"
    done
    exec "$@"
  )
}

# Runs a script for at most a minute, stderr apart.
run_script() {
  ran="sh $*"
  run --separate-stderr without_high_descriptors timeout 60 sh "$@"
}

# What can't be the same in two containers made equal: ids of mounts, anonymous devices and namespaces, and the container's
# own id. A mount's parent becomes its mount point; a namespace is the host's or not.
normalised() {
  awk -v id="$1" -v store="$MINIRUN_ROOT" '
    BEGIN { while (("readlink /proc/self/ns/*" | getline name) > 0) of_host[name] = 1 }
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

nothing_of_the_script_is_left() {
  local left
  left=$(
    find "$MINIRUN_ROOT"/containers -mindepth 1 -maxdepth 1
    find "$MINIRUN_ROOT"/volumes -mindepth 2 -maxdepth 2 -name anonymous
    find /sys/fs/cgroup -maxdepth 2 -name "minirun-$script_id"
    grep "$script_id" /proc/self/mountinfo
    grep -ls "$script_id" /proc/[0-9]*/mountinfo
  ) || true
  [ -z "$left" ] || fail "left behind: $left"
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
  minirun -h box "$@" "$IMAGE" /bin/busybox sh -c "$PROBE"
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
  grep -qx 'uid=1000(student) gid=1000(student) groups=2000(lab)' <<< "$seen" || fail "another user: $seen"
  grep -qx /made <<< "$seen" || fail "another directory"
  grep -qx 'A=b c' <<< "$seen" || fail "another environment"
  grep -q '^CapEff:.0*$' <<< "$seen" || fail "a user has capabilities"
  same_container -u 7:9
  print_script "$WORK/script" -u student -w /tmp/roots "$IMAGE" true
  run_script "$WORK/script"
  [ "$status" -eq 125 ] || fail "it was entered as root"
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

@test "the program's status and input come through, and so do its output and its end by a signal" {
  new_rootfs
  new_image
  for code in 0 7 125 137; do
    print_script "$WORK/script" "$IMAGE" sh -c "exit $code"
    run_script "$WORK/script"
    [ "$status" -eq "$code" ] || fail "not $code"
    [ -z "$stderr" ] || fail "it complains"
    nothing_of_the_script_is_left
  done
  print_script "$WORK/script" -i "$IMAGE" cat
  [ "$(printf 'a\nb\n' | sh "$WORK/script")" = $'a\nb' ] || fail "the input is lost"
  print_script "$WORK/script" "$IMAGE" cat
  [ -z "$(echo a | sh "$WORK/script")" ] || fail "input without -i"
  print_script "$WORK/script" "$IMAGE" no-such-program
  run -127 --separate-stderr sh "$WORK/script"
  print_script "$WORK/script" "$IMAGE" /etc/passwd
  run_script "$WORK/script"
  [ "$status" -eq 126 ]
  nothing_of_the_script_is_left
}

# Starts a script in the background. With job control, since without it a shell has SIGINT ignored there.
start_script() {
  set -m
  dash "$WORK/script" > "$WORK/out" 2> "$WORK/err" &
  runner=$!
  set +m
}

start_until_ready() {
  start_script
  eventually grep -qs ready "$WORK/out"
}

ends_with() {
  status=0
  wait "$runner" || status=$?
  [ "$status" -eq "$1" ] || fail "status $status instead of $1: $(cat "$WORK/err")"
  nothing_of_the_script_is_left
}

@test "a signal goes to the program; one that does nothing about it is ended, and nothing is left" {
  new_rootfs
  new_image
  print_script "$WORK/script" "$IMAGE" sh -c 'trap "echo told; exit 3" TERM; echo ready; while :; do sleep 0.1; done'
  start_until_ready
  kill -TERM $runner
  ends_with 3
  grep -qx told "$WORK/out" || fail "the program was not told"
  print_script "$WORK/script" "$IMAGE" sh -c 'echo ready; exec sleep 61'
  for signal in TERM INT HUP QUIT; do
    start_until_ready
    kill -s "$signal" $runner
    ends_with $((128 + $(kill -l "$signal")))
  done
  ! pgrep -fx 'sleep 61' || fail "a process is left"
}

@test "a script that is killed with -9 takes the container with it, and minirun's next start cleans up after it" {
  new_rootfs
  new_image
  print_script "$WORK/script" --name n "$IMAGE" sh -c 'echo ready; exec sleep 62'
  start_until_ready
  minirun containers # its lock tells that it runs: nothing is swept
  [[ $output == *"$script_id"* ]] || fail "minirun doesn't know of it"
  kill -KILL $runner
  wait $runner || true
  eventually sh -c '! pgrep -fx "sleep 62"'
  minirun --name n "$IMAGE" true
  [ "$status" -eq 0 ] || fail "the name is not free again"
  nothing_of_the_script_is_left
}

@test "ended by TERM or INT at forty moments of its steps, it leaves nothing" {
  new_rootfs
  new_image
  print_script "$WORK/script" -v vol:/vol -v /anonymous --name n "$IMAGE" sleep 63
  for ((turn = 0; turn < 40; turn++)); do
    start_script
    sleep "0.$(printf %03d $((turn * 5)))"
    signals=(TERM INT)
    kill -s "${signals[turn % 2]}" $runner
    status=0
    wait $runner || status=$?
    [ "$status" -eq $((turn % 2 == 0 ? 143 : 130)) ] || fail "turn $turn: status $status: $(cat "$WORK/err")"
    nothing_of_the_script_is_left
  done
  ! pgrep -fx 'sleep 63' || fail "a process is left"
}

@test "a failure at any step is named and leaves nothing, and what it mounted from the host is untouched" {
  new_rootfs
  new_image '"Volumes":{"/declared":{}}'
  mkdir "$WORK/data"
  echo precious > "$WORK/data/file"
  print_script "$WORK/whole" -v "$WORK/data:/data" -v vol:/vol --tmpfs /t --name n -w /made --read-only "$IMAGE" true
  mapfile -t steps < <(sed -n "s/^step='\(.*\)'\$/\1/p" "$WORK/whole")
  [ "${#steps[@]}" -gt 50 ] || fail "too few steps: ${steps[*]}"
  for step in "${steps[@]}"; do
    sed "s/^step='$step'\$/&; false/" "$WORK/whole" > "$WORK/script"
    run_script "$WORK/script"
    [ "$status" -eq 125 ] || fail "at $step: status $status"
    [[ $stderr == *": step $step failed" ]] || fail "at $step: other words"
    nothing_of_the_script_is_left
    [ "$(cat "$WORK/data/file")" = precious ] || fail "at $step: the bound file is gone"
  done
}

@test "run twice at once, the second says no and the first goes on" {
  new_rootfs
  new_image
  print_script "$WORK/script" -i "$IMAGE" sh -c 'echo ready; read -r _; cat /etc/hostname'
  mkfifo "$WORK/in"
  sh "$WORK/script" < "$WORK/in" > "$WORK/out" &
  runner=$!
  exec 7> "$WORK/in"
  eventually grep -qs ready "$WORK/out"
  run_script "$WORK/script"
  [ "$status" -eq 125 ] || fail "it ran twice"
  [[ $stderr == *'step dir failed'* ]] || fail "other words"
  [ -d "$MINIRUN_ROOT/containers/$script_id/merged" ] || fail "the first one's directory is gone"
  echo go >&7
  exec 7>&-
  ends_with 0
  [ "$(tail -n 1 "$WORK/out")" = "$script_id" ] || fail "the first was disturbed"
}

@test "it says what is missing: root, a file, a layer, a pid namespace" {
  new_rootfs
  new_image
  print_script "$WORK/script" "$IMAGE" true
  public=$(mktemp /tmp/minirun-script.XXXXXX)
  cat "$WORK/script" > "$public"
  chmod 644 "$public"
  run setpriv --reuid 65534 --regid 65534 --clear-groups sh "$public"
  rm "$public"
  [ "$status" -eq 125 ] && [[ $output == *'run it as root'* ]] || fail "without root"
  run sh -c 'sh < "$1"' sh "$WORK/script"
  [ "$status" -eq 125 ] && [[ $output == *'save it to a file'* ]] || fail "from a pipe"
  run sh "$WORK/script" child
  [ "$status" -eq 125 ] && [[ $output == *'first process of a pid namespace'* ]] || fail "the child's part alone"
  minirun rmi test:latest
  run_script "$WORK/script"
  [ "$status" -eq 125 ] && [[ $stderr == *'not in the store: minirun load ARCHIVE'* ]] || fail "without the layer"
  nothing_of_the_script_is_left
}

@test "what a shell can't do stands in its place, and it is no more than this" {
  new_rootfs
  new_image
  print_script "$WORK/script" "$IMAGE" true
  while read -r step what; do
    sed -n "/^step='$step'\$/,/^step=/p" "$WORK/script" | grep -q "^# no shell equivalent: .*$what" || fail "not at $step"
  done << 'END'
session keyring
seccomp seccomp(2)
close-fds above 9
END
  [ "$(grep -c '^# no shell equivalent: ' "$WORK/script")" -eq 3 ] || fail "another count"
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
  for program in $(grep -oE '\$host \./s?bin/[a-z]+' "$WORK/script" | sed 's|.*/||' | sort -u); do
    [ -e "$WORK/bin/$program" ] || fail "$program is of another package"
  done
  nothing_of_the_script_is_left
}

@test "from a terminal, the program gets a session without it" {
  new_rootfs
  new_image
  print_script "$WORK/script" -i "$IMAGE" /bin/busybox awk '{ print $1, $5, $6, $7 }' /proc/self/stat
  run script -qec "sh $WORK/script" /dev/null
  [ "${output%$'\r'}" = '1 1 1 0' ] || fail "another session"
}

# What an image ships to be run, or loaded, by the host's programs while they are still root: each would leave a mark.
evil_image() {
  local type
  new_rootfs
  mkdir -p "$ROOTFS/sbin" "$ROOTFS/lib/x86_64-linux-gnu"
  printf '#!/bin/sh\necho > /mark.$0\n' > "$ROOTFS/evil"
  chmod 755 "$ROOTFS/evil"
  type=$(findmnt -no FSTYPE /)
  for type in "$type" overlay tmpfs; do cp "$ROOTFS/evil" "$ROOTFS/sbin/umount.$type"; done
  printf 'passwd: evil files\ngroup: evil files\n' > "$ROOTFS/etc/nsswitch.conf"
  printf 'root:x:0:0::/:/bin/sh\n1000:x:0:0::/:/bin/sh\n' > "$ROOTFS/etc/passwd"
  printf 'root:x:0:\n1000:x:0:\n' > "$ROOTFS/etc/group"
  # if anything loads it, it is said on standard error that it is no ELF file
  cp "$ROOTFS/evil" "$ROOTFS/lib/x86_64-linux-gnu/libnss_evil.so.2"
  cp "$ROOTFS/evil" "$ROOTFS/lib/x86_64-linux-gnu/libc.so.6"
}

@test "case 80: nothing of the image is run or loaded by the host's programs, and a number is no name" {
  evil_image
  new_image
  print_script "$WORK/script" -u 1000:1000 "$IMAGE" sh -c 'id -u; id -g; for mark in /mark*; do echo "$mark"; done'
  ran="strace sh $WORK/script"
  run --separate-stderr strace -f -o "$WORK/calls" -e trace=%file sh "$WORK/script"
  [ "$output" = $'1000\n1000\n/mark*' ] || fail "another user, or a mark"
  [ -z "$stderr" ] || fail "something complains"
  sed -n '/pivot_root("\.", "\.")/,/execve("\/bin\/sh"/p' "$WORK/calls" > "$WORK/after"
  [ "$(grep -c execve "$WORK/after")" -gt 5 ] || fail "nothing was traced"
  ! grep -E '"(/etc/(nsswitch|passwd|group|ld.so.cache|locale)|/(usr/)?lib|/sbin/umount)' "$WORK/after" ||
    fail "a program of the host looked at the image's files"
}

@test "an image with an ld.so.preload is refused, because the host's programs would obey it" {
  new_rootfs
  echo /evil.so > "$ROOTFS/etc/ld.so.preload"
  new_image
  print_script "$WORK/script" "$IMAGE" true
  run_script "$WORK/script"
  [ "$status" -eq 125 ]
  [[ $stderr == *ld.so.preload* ]] || fail "other words"
  nothing_of_the_script_is_left
}

@test "cases 63, 66, 67, 73: symlinks of the image lead nowhere but into the container" {
  new_rootfs
  rm -r "$ROOTFS/etc"
  ln -s "$VICTIM" "$ROOTFS/data"
  ln -s "$VICTIM/dir" "$ROOTFS/etc"
  ln -s /proc/1/cwd "$ROOTFS/out"
  ln -s round "$ROOTFS/round"
  new_image
  mkdir "$WORK/source"
  print_script "$WORK/script" -v "$WORK/source:/data/made" -v vol:/data/dir --tmpfs /data/t -w /data/w "$IMAGE" \
    sh -c 'pwd; ls -d /data/* /etc/*; echo x > /data/made/x'
  run_script "$WORK/script"
  [ "$status" -eq 0 ] || fail "the script failed"
  [ "$(head -n 1 <<< "$output")" = "$VICTIM/w" ] || fail "another directory"
  [ -e "$WORK/source/x" ] || fail "not mounted"
  victim_is_unchanged
  for place in /out /proc/1/cwd /round /proc/self/cwd /proc/self/fd/9; do
    print_script "$WORK/script" -w "$place" "$IMAGE" ls
    run_script "$WORK/script"
    [ "$status" -eq 125 ] || fail "$place was entered: $output"
    nothing_of_the_script_is_left
  done
  for place in proc sys dev; do
    rm -rf "${ROOTFS:?}/proc" "$ROOTFS/sys" "$ROOTFS/dev"
    ln -s "$VICTIM" "$ROOTFS/$place"
    new_image
    print_script "$WORK/script" "$IMAGE" true
    run_script "$WORK/script"
    [ "$status" -eq 125 ] || fail "/$place as a symlink"
    [[ $stderr == *failed* ]] || fail "other words"
  done
  victim_is_unchanged
}

@test "case 65: /proc/self/exe as a program is a file of the host that can't be written" {
  new_rootfs
  libc=$(ldd /bin/dash | sed -n 's/.*libc.so.6 => \([^ ]*\) .*/\1/p')
  mkdir -p "$ROOTFS${libc%/*}"
  cp "$libc" "$ROOTFS$libc"
  cp /bin/dash "$ROOTFS/bin/dash"
  new_image
  before=$(cat /usr/lib/*/ld-linux*.so* /usr/bin/env | sha256sum)
  # the host's loader runs the image's shell, and is /proc/1/exe now
  print_script "$WORK/script" "$IMAGE" /proc/self/exe /bin/dash -c \
    'echo ran; echo x > /proc/1/exe'
  run_script "$WORK/script"
  [ "$output" = ran ] || fail "the loader did not run it"
  [[ $stderr == *'/proc/1/exe: Read-only file system'* ]] || fail "it may be opened for writing"
  [ "$(cat /usr/lib/*/ld-linux*.so* /usr/bin/env | sha256sum)" = "$before" ] || fail "the host's files were changed"
  nothing_of_the_script_is_left
}
