#!/usr/bin/env bats
# Lesson 33: bomb.sh holds a fork bomb with pids.max.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check

setup_file() {
  group='' started=''
  if [ -x bomb.sh ]; then
    export MINIRUN_ROOT=$BATS_FILE_TMPDIR/store
    start_student timeout 25 ./bomb.sh "$LAB_LESSON/../../examples/busybox.tar.gz"
    started=$!
    for _ in $(seq 60); do
      group=$(find /sys/fs/cgroup -maxdepth 1 -name 'minirun-*' -print -quit)
      [ -z "$group" ] || ! grep -q 'max [1-9]' "$group/pids.events" 2> /dev/null || break
      [ -z "$group" ] || [ "$(cat "$group/pids.current" 2> /dev/null || echo 0)" -lt 100 ] || break
      sleep 0.1
    done
    sleep 0.5
  fi
  export group started
}
teardown_file() {
  [ -z "$group" ] || echo 1 > "$group/cgroup.kill" || true
  [ -z "$started" ] || kill -KILL -- "-$started" || true # timeout(1) has a process group of its own
  sleep 0.5
}

@test "predict.txt says what you expected" {
  predicted "what happens to the processes of a group that reaches its limit?" killed kept
}

@test "a container runs" {
  is_program ./bomb.sh
  [ -e "$group/pids.max" ] || bad "a cgroup with the file pids.max" "$(cat "$BATS_FILE_TMPDIR/errors")" "try it: sudo ./bomb.sh ../examples/busybox.tar.gz"
}

@test "it has 20 processes at the most" {
  [ -n "$group" ] || missing "there is no container"
  now=$(cat "$group/pids.current")
  hint="write a number into pids.max of the container's cgroup, the first process counted"
  [ "$(cat "$group/pids.max")" != 20 ] || hint="the limit is there, but it came too late: set it before the first fork"
  [ "$now" -le 20 ] || bad "pids.current: 20 or less" "$now, and pids.max: $(cat "$group/pids.max")" "$hint"
  same 20 "$(cat "$group/pids.max")" "$hint"
}

@test "the bomb went off, and the kernel refused" {
  [ -n "$group" ] || missing "there is no container"
  grep -q 'max [1-9]' "$group/pids.events" || bad "pids.events: max 1 or more" "$(cat "$group/pids.events")" "the bomb never went off: what does the container wait for?"
}
