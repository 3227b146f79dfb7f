#!/usr/bin/env bats
# On every way out: no mount, process, cgroup or directory is left, and what is in volumes and bind mounts is untouched.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

@test "case 91: a failure after any step leaves nothing behind, and bound files intact" {
  new_rootfs
  new_image '"Volumes":{"/declared":{}}'
  mkdir "$WORK/data"
  echo precious > "$WORK/data/file"
  options=(-v "$WORK/data:/data" -v vol:/vol --tmpfs /t --name n -w /made --read-only)
  step_ids "${options[@]}" > "$WORK/ids"
  [ "$(wc -l < "$WORK/ids")" -gt 55 ] || fail "too few steps: $(cat "$WORK/ids")"
  while read -r id; do
    minirun "${options[@]}" --break-after "$id" "$IMAGE" true
    [ "$status" -eq 125 ] || fail "after $id: status $status"
    [[ $stderr == *"stopped after step $id"* ]] || fail "after $id: other words"
    nothing_is_left
    [ "$(cat "$WORK/data/file")" = precious ] || fail "after $id: the bound file is gone"
  done < "$WORK/ids"
}

@test "a failure after any part of loading leaves the store as it was, and after the last of them the image whole" {
  before=$(store_state)
  for id in open-archive read-manifest read-config unpack-layer; do
    minirun --break-after $id "$BUSYBOX" true
    says_no "stopped after $id, as --break-after asked; the store is as it was"
    [ "$(store_state)" = "$before" ] || fail "after $id: the store was changed"
    nothing_is_left
  done
  minirun --break-after commit "$BUSYBOX" true
  says_no 'stopped after commit, as --break-after asked; the image is in the store, whole'
  nothing_is_left
  id=$("$MINIRUN" images | awk 'NR == 2 { print $2 }')
  minirun "$id" echo ran
  [ "$output" = ran ] || fail "the image is not whole"
  minirun --break-after commit "$id" true
  says_no '--break-after commit: the image was in the store already'
}

@test "--break-after a step that there isn't: said before anything is made, and those there are listed" {
  for id in no-such commit-2 bind-9 ""; do
    minirun --break-after "$id" "$BUSYBOX" true
    says_no '--break-after .*(no such step|needs a value)'
    nothing_is_left
  done
  minirun --break-after no-such "$BUSYBOX" true
  grep -qE '^hint: its steps are: dir, file-state, .*, exec, (flush-layers, )?wait(, usage)?$' <<< "$stderr" || fail "no list"
}

@test "a step that fails by itself is named, with the errno and a hint, and leaves nothing behind" {
  new_rootfs
  touch "$ROOTFS/data" # a file where a directory is to be mounted
  new_image
  minirun -v "$WORK:/data" "$IMAGE" true
  says_no 'step bind-1'
  nothing_is_left
}

@test "a child that is killed, or loses its runner, in the middle of its steps: the step is named, and no status is the program's" {
  "$MINIRUN" load "$BUSYBOX"
  for listener in '' --debug; do
    for place in sethostname:hostname pivot_root:pivot-root setgroups:user seccomp:seccomp; do
      # shellcheck disable=SC2086  # none or one
      run --separate-stderr timeout 60 strace -f -o /dev/null -e "trace=${place%:*}" -e "inject=${place%:*}:signal=KILL" \
        "$MINIRUN" $listener "$BUSYBOX" sh -c 'exit 7'
      [ "$status" -eq 125 ] || fail "$place $listener: status $status"
      [[ $stderr == *"minirun: step ${place#*:}: the container's first process was ended by SIGKILL before it was done"* ]] ||
        fail "$place $listener: $stderr"
      nothing_is_left
    done
  done
  # Each of the two fails at its first recvfrom. Which comes first is chance: the child is gone before minirun asks it
  # for its first step, or minirun fails by itself. (With --debug, which takes its time, it is the child.)
  for listener in '' --debug; do
    # shellcheck disable=SC2086  # none or one
    run --separate-stderr timeout 60 strace -f -o /dev/null -e trace=recvfrom -e inject=recvfrom:error=EIO:when=1 \
      "$MINIRUN" $listener "$BUSYBOX" sh -c 'exit 7'
    [ "$status" -eq 125 ] || fail "recvfrom $listener: status $status"
    [[ $stderr == *'minirun: receive from the other process: Input/output error'* ||
      $stderr == *"minirun: step "[a-z-]*": the container's first process ended with status 125 before it was done"* ]] ||
      fail "recvfrom $listener: $stderr"
    nothing_is_left
  done
}

@test "case 92: a runner killed with -9 takes the container with it, and the next start cleans up after it" {
  "$MINIRUN" --name dead -v vol:/v -v /anonymous "$BUSYBOX" sh -c 'echo x > /v/x; echo y > /y; sleep 60' &
  runner=$!
  eventually grep -qs x "$MINIRUN_ROOT/volumes/vol/_data/x"
  child=$(pgrep -P $runner)
  kill -KILL $runner
  wait $runner || true
  eventually test ! -e "/proc/$child"
  minirun --name dead "$BUSYBOX" true
  [ "$status" -eq 0 ] || fail "the name is not free again"
  nothing_is_left
  minirun -v vol:/v "$BUSYBOX" cat /v/x
  [ "$output" = x ]
}

@test "case 92: killed with -9 during the steps, at twenty moments: the next start cleans up" {
  for ((turn = 0; turn < 20; turn++)); do
    "$MINIRUN" -v /anonymous --name n "$BUSYBOX" true > /dev/null 2>&1 &
    sleep "0.00$turn"
    kill -KILL $! 2> /dev/null || true
    wait $! || true
    minirun "$BUSYBOX" true
    [ "$status" -eq 0 ] || fail "the next start failed"
    nothing_is_left
  done
}

@test "a container that leaves a tree 5,000 deep, or without any permission, is removed" {
  # Five chains of a thousand, each moved to the bottom of the next: no path on the way is longer than a call takes.
  minirun "$BUSYBOX" sh -c 'chain=$(yes d | head -n 1000 | tr "\n" /); mkdir -p /0
    for top in 1 2 3 4 5; do mkdir -p /$top/$chain && mv /$((top - 1)) /$top/$chain || exit 1; done'
  [ "$status" -eq 0 ]
  nothing_is_left
  minirun "$BUSYBOX" sh -c 'mkdir -p /a/b/c; chmod 0 /a/b/c /a/b /a'
  nothing_is_left
}

@test "removal never crosses a mount that somebody has made below a container's directory" {
  minirun --keep --name k "$BUSYBOX" true
  dir=$(echo "$MINIRUN_ROOT"/kept/[0-9a-f]*)
  mkdir "$dir/diff/mounted"
  mount --bind "$VICTIM" "$dir/diff/mounted"
  minirun rm k
  [ "$status" -eq 125 ]
  [[ $stderr == *mounted* ]] || fail "what is left is not named"
  victim_is_unchanged
  umount "$dir/diff/mounted"
  minirun gc
  nothing_is_left
}

@test "processes that outlive pid 1 die with it" {
  minirun "$BUSYBOX" sh -c 'sleep 47 & sleep 48 & exit 0'
  ! pgrep -f 'sleep 4[78]' || fail "a process is left"
  nothing_is_left
}

@test "case 94: twenty loads and runs of one image at once, one killed: all work, one layer" {
  for ((turn = 0; turn < 20; turn++)); do
    "$MINIRUN" "$FIXTURES/hello-world-docker20.tar.gz" > "$WORK/out.$turn" 2> "$WORK/err.$turn" &
    pids[turn]=$!
    # Or it has ended already: a start takes five milliseconds.
    [ "$turn" != 7 ] || kill -KILL $! 2> /dev/null || true
  done
  for ((turn = 0; turn < 20; turn++)); do
    wait "${pids[turn]}" || [ "$turn" = 7 ] || fail "run $turn: $(cat "$WORK/err.$turn")"
    [ "$turn" = 7 ] || [ "$(cat "$WORK/out.$turn")" = "$HELLO" ] || fail "run $turn: $(cat "$WORK/out.$turn")"
  done
  minirun "$FIXTURES/hello-world-docker20.tar.gz"
  [ "$output" = "$HELLO" ]
  [ "$(find "$MINIRUN_ROOT/overlay2" -mindepth 1 -maxdepth 1 -name '????????????????*' | wc -l)" -eq 2 ]
  nothing_is_left
}

@test "case 96: the store is root's alone" {
  minirun load "$BUSYBOX"
  [ "$(stat -c %a "$MINIRUN_ROOT" "$MINIRUN_ROOT/containers" "$MINIRUN_ROOT/overlay2" | sort -u)" = 700 ]
  run setpriv --reuid 65534 --regid 65534 --clear-groups ls "$MINIRUN_ROOT"
  [ "$status" -ne 0 ]
}

@test "without /proc a load says what is missing, and leaves nothing staged" {
  run --separate-stderr unshare -m sh -c 'while umount -l /proc 2> /dev/null; do :; done; exec "$@"' sh "$MINIRUN" load "$BUSYBOX"
  says_no 'no /proc/sys/kernel/random/boot_id'
  [[ $stderr == *'hint: /proc has to be mounted'* ]] || fail "no hint"
  run --separate-stderr unshare -m sh -c 'while umount -l /proc 2> /dev/null; do :; done; exec "$@"' sh "$MINIRUN" load --max-size 1k "$BUSYBOX"
  says_no 'files are larger than'
  [ -z "$(ls "$MINIRUN_ROOT/staging")" ] || fail "something is staged: $(ls "$MINIRUN_ROOT/staging")"
}

@test "a load that is ended by a signal removes what it had unpacked, and says so" {
  mkfifo "$WORK/pipe"
  "$MINIRUN" load - < "$WORK/pipe" 2> "$WORK/err" &
  loader=$!
  exec 8> "$WORK/pipe"
  head -c 500000 "$BUSYBOX" >&8
  eventually sh -c "ls $MINIRUN_ROOT/staging/*/*" > /dev/null
  kill -TERM $loader
  status=0
  wait $loader || status=$?
  exec 8>&-
  [ "$status" -eq 143 ] || fail "status $status"
  grep -q '^minirun: interrupted$' "$WORK/err"
  nothing_is_left
}

@test "a store that others could have written into is refused, and a forged state harms nothing but its own container" {
  chown 4711 "$MINIRUN_ROOT"
  minirun images
  says_no "the store $MINIRUN_ROOT belongs to user 4711"
  chown 0 "$MINIRUN_ROOT"
  chmod 1777 "$MINIRUN_ROOT"
  minirun "$BUSYBOX" true
  says_no "the store $MINIRUN_ROOT can be written by others than its owner"
  [[ $stderr == *"hint: give it to root alone: chown root $MINIRUN_ROOT && chmod go-w $MINIRUN_ROOT; or "* ]] || fail "no hint"
  chmod 700 "$MINIRUN_ROOT"
  minirun -v vol:/v "$BUSYBOX" true
  local groups other dir=$MINIRUN_ROOT/containers/000000000000
  groups=$(findmnt -nlt cgroup2,cgroup -o TARGET | head -n 1)
  [ -n "$groups" ] || skip "no cgroup hierarchy is mounted"
  other=$groups/forged-$$
  mkdir "$other"
  sleep 60 &
  echo $! > "$other/cgroup.procs"
  mkdir "$dir"
  jq -n --arg group "$other" '{id: "000000000000", cgroups: [$group, "/tmp/minirun-000000000000/../.."],
    anonymous_volumes: ["vol", "../images"]}' > "$dir/state"
  minirun gc
  [ "$status" -eq 0 ] && [ ! -e "$dir" ] || fail "gc"
  [ -e "$MINIRUN_ROOT/volumes/vol/_data" ] && [ -e "$MINIRUN_ROOT/images" ] || fail "something else was removed"
  kill -0 $! || fail "the process in another cgroup was killed"
  kill -KILL $!
  wait $! || true
  eventually rmdir "$other"
}

@test "what has no end, or is a terminal, is no archive; a file that ulimit -f forbids is an error" {
  minirun load /dev/zero
  says_no '/dev/zero is a device, and an image is read from a file or a pipe'
  run --separate-stderr timeout 20 "$MINIRUN" load - < /dev/zero
  says_no 'standard input is a device'
  run --separate-stderr timeout 20 "$MINIRUN" load - < /dev/null
  says_no 'standard input is empty'
  run timeout 20 script -qc "'$MINIRUN' load -" /dev/null < /dev/null
  [[ $output == *'standard input is a terminal'*'docker save NAME | minirun -'* ]] || fail "a terminal"
  local before
  before=$(store_state)
  run --separate-stderr bash -c "ulimit -f 100; exec '$MINIRUN' load '$top/examples/busybox.tar.gz'"
  says_no 'File too large'
  [[ $stderr == *'ulimit -f'* ]] || fail "no hint"
  [ "$(store_state)" = "$before" ] || fail "something is left"
}
