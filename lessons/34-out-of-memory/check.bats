#!/usr/bin/env bats
# Lesson 34: oom.sh makes the kernel kill all of a container that has used up its memory.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check

setup_file() {
  export MINIRUN_ROOT=$BATS_FILE_TMPDIR/store ended=0
  [ -x oom.sh ] || return 0
  timeout -k 1 $((20 * patience)) ./oom.sh "$LAB_LESSON/../../examples/busybox.tar.gz" \
    < /dev/null > "$BATS_FILE_TMPDIR/output" 2> "$BATS_FILE_TMPDIR/errors" 3>&- 4>&- || ended=$?
}

said() { grep -m 1 -oE 'the kernel killed [0-9]+ process.*' "$BATS_FILE_TMPDIR/errors"; }

@test "predict.txt says what you expected" {
  predicted "who is killed when the second process has used up the container's memory?" one both
}

@test "the container has 32 MiB, and used them up" {
  is_program ./oom.sh
  text=$(said) || bad "out of memory: the kernel killed ..." "$(cat "$BATS_FILE_TMPDIR/errors")" "nothing was killed: does the eater run, and has minirun the option -m?"
  [[ $text == *'its limit is 32 MiB'* ]] || bad "its limit is 32 MiB" "$text" "the limit is another one: -m 32m"
}

@test "both processes are killed" {
  text=$(said) || missing "nothing was killed"
  [[ $text != *'killed 1 process '* ]] || {
    hint="the kernel took the one that uses most: a file of the cgroup makes it see the group as one, and has to say so before the eater begins"
    grep -q 'still here' "$BATS_FILE_TMPDIR/output" || hint="there was only one process to kill: the shell starts the eater and waits for it"
    bad "the kernel killed 2 processes of the container" "$text" "$hint"
  }
}

@test "oom.sh ends with the container's status, and nobody went on" {
  said > /dev/null || missing "nothing was killed"
  same '' "$(cat "$BATS_FILE_TMPDIR/output")" "the shell went on after the eater had died"
  same 137 "$ended" "the last command of oom.sh decides its status: let that be the container"
}
