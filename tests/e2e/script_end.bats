#!/usr/bin/env bats
# --print-script: how the script ends, whatever happens to it, and what a hostile image can do to it.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container
load script

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
  start_until_ready
  eventually pkill -KILL -fx 'sleep 61' # the shell may not have become sleep yet
  ends_with 137
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
    [ "$step" != usage ] || continue # the program has ended by then, and its status is what counts
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
  run --separate-stderr strace -f -o "$WORK/calls" -e trace=%file sh "$WORK/script"
  [ "$output" = $'1000\n1000\n/mark*' ] || fail "another user, or a mark"
  [ -z "$stderr" ] || fail "something complains"
  nothing_of_the_script_is_left
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
  rm -r "${ROOTFS:?}/etc"
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
    rm -rf "${ROOTFS:?}/proc" "${ROOTFS:?}/sys" "${ROOTFS:?}/dev"
    ln -s "$VICTIM" "$ROOTFS/$place"
    new_image
    print_script "$WORK/script" "$IMAGE" true
    run_script "$WORK/script"
    [ "$status" -eq 125 ] || fail "/$place as a symlink"
    [[ $stderr == *failed* ]] || fail "other words"
    nothing_of_the_script_is_left
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
