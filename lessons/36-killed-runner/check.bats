#!/usr/bin/env bats
# Lesson 36: killed.sh kills a runner, and knows what is left.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR
  mkdir -p "$dir/1/bin"
  cp /bin/busybox "$dir/1/bin/sleep"
  make_image "$dir/image.tar" new '{"Env":["PATH=/bin"]}' "$dir/1"
  (student_in_file 20 ./killed.sh "$dir/store" "$dir/image.tar")
  store=$dir/store
  id=$(find "$store/containers" -mindepth 1 -maxdepth 1 -printf "%f\n" -quit 2> /dev/null || true)
  group=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)/minirun-$id
  alive=$(pgrep -fx 'sleep 1000' | wc -l)
  export store id group alive
}
student_in_file() {
  [ -x "$2" ] || return 0
  timeout -k 1 "$@" < /dev/null > "$BATS_FILE_TMPDIR/output" 2> "$BATS_FILE_TMPDIR/errors" 3>&- 4>&- || true
}
teardown_file() { "$LAB_DIR/minirun" --root "$store" gc > /dev/null 2>&1 || true; }

@test "predict.txt says what you expected" {
  predicted "does the container's program go on when the runner is killed?" yes no
}

@test "the runner was killed, and could not clean up" {
  is_program ./killed.sh
  early="it was killed before the program ran: wait until pgrep finds the program"
  [ -n "$(ls "$store/images" 2> /dev/null)" ] || bad "an image in STORE" "none. $(cat "$BATS_FILE_TMPDIR/errors")" "$early"
  hint="nothing is left, so the runner has cleaned up: TERM can be caught, and KILL can't"
  ! grep -qE '^[^#]*kill.*-KILL' killed.sh || hint="nothing is left, so the runner has cleaned up. That ended the program, and not the runner: whose number is \$!?"
  [ -n "$id" ] || bad "a directory in STORE/containers" "none" "$hint"
  [ -d "$group" ] || bad "a directory $group" "none" "$early"
}

@test "the program died with it" {
  [ -n "$id" ] || missing "there was no container"
  same 0 "$alive" "a process sleep 1000 is still there: whose is it? See ps -ef"
}

@test "killed.sh prints what is left" {
  [ -n "$id" ] || missing "nothing is left"
  same "$(printf '%s\n' "$store/containers/$id" "$group" | sort)" "$(sort "$BATS_FILE_TMPDIR/output")" \
    "two directories are left: the container's below STORE, and its cgroup"
}

@test "minirun gc removes it" {
  [ -n "$id" ] || missing "nothing is left"
  "$LAB_DIR/minirun" --root "$store" gc > /dev/null
  same '' "$(ls "$store/containers")$(ls -d "$group" 2> /dev/null)" "was something else put there?"
}
