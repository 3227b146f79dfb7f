# What the end-to-end tests of images share. Each test has a store, a victim and its archives on a tmpfs of its own.
#
#   $WORK/store    MINIRUN_ROOT
#   $WORK/victim   what hostile archives aim at: nothing in it may ever change
#   $WORK/...      archives, made on demand by build/forge
#
# bats >= 1.5 for `run --separate-stderr`. Root is needed: a store's whiteouts are device nodes.
# shellcheck shell=bash
# bats sets output, stderr and status in `run`; the tests use what is set here.
# shellcheck disable=SC2154,SC2034

bats_require_minimum_version 1.5.0

export LC_ALL=C.UTF-8 TERM=xterm # whatever the caller has

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
MINIRUN=${MINIRUN:-$top/build/minirun}
FORGE=${FORGE:-$top/build/forge}
FIXTURES=$top/tests/fixtures
HELLO='Hello from minirun test image!'

# For scripts that a person runs with jq: in its place tests/alone has put gojq, until the end of the file.
with_jq() { [ -z "${HOST_PROC-}" ] || umount "$(command -v jq)" 2> /dev/null || true; }

setup() {
  WORK=$BATS_TEST_TMPDIR/work
  mkdir "$WORK"
  mount -t tmpfs -o mode=755 minirun-test "$WORK"
  export MINIRUN_ROOT=$WORK/store
  VICTIM=$WORK/victim
  "$FORGE" case-1-victim "$VICTIM"
  echo 'do not touch' >"$VICTIM/sentinel"
  mkdir "$VICTIM/dir"
  chmod 640 "$VICTIM/sentinel"
  touch -d 2001-02-03 "$VICTIM"/* "$VICTIM"
  victim_before=$(victim_state)
  "$MINIRUN" images >/dev/null # makes the store
}

# A mount that minirun left in the store would make umount fail here. A flush in the background may hold it for a moment.
teardown() {
  local pause
  cd /
  for pause in 0 0.1 0.2 0.5 1; do
    sleep "$pause"
    ! umount "$WORK" 2> /dev/null || return 0
  done
  umount "$WORK" || { umount -l "$WORK" && return 1; }
}

# Ends the test. It exits, because bats does not stop at a failed command in a function that stands before || or &&.
fail() {
  printf '%s\n' "$@" "the last command: ${ran:-none}" "status: ${status:-}" "stdout: ${output:0:400}" \
    "stderr: ${stderr:0:800}" >&2
  exit 1
}

# The path of a case's archive (or directory), made if it isn't there yet.
forged() {
  [ -e "$WORK/$1" ] || "$FORGE" "$1" "$WORK/$1" --victim "$VICTIM" || return 1
  echo "$WORK/$1"
}

# The ids of the cases that begin with $1.
cases() { "$FORGE" list | awk -v prefix="$1" 'index($1, prefix) == 1 { print $1 }'; }

victim_state() {
  (cd "$VICTIM" && find . -printf '%p %y %m %u %g %s %n %T@ %l\n' | sort && cat sentinel &&
    getfattr -R -d -m - . 2>/dev/null)
}

victim_is_unchanged() {
  [ "$(victim_state)" = "$victim_before" ] || fail "the victim was changed: $(victim_state)"
}

# All that is in the store: names, kinds, modes, sizes.
store_state() { find "$MINIRUN_ROOT" -printf '%P %y %m %s\n' | sort; }

# Runs minirun for at most a minute (SLOW minutes on an emulated processor), stderr apart.
minirun() {
  ran="minirun $*"
  run --separate-stderr timeout $((60 * ${SLOW:-1})) "$MINIRUN" "$@"
}

# A hint names no option that minirun has not. What it says to type for another program is that program's.
hints_are_true() {
  local options option
  # No process substitution: it would change $! of the test.
  options=$(sed -n 's/^hint: //p' <<< "$stderr" | sed -E 's/(skopeo|docker|podman|umount) [^;,]*//g' | grep -oE -- '--[a-z][a-z-]*') || return 0
  [ -e "$BATS_RUN_TMPDIR/help" ] || "$MINIRUN" help > "$BATS_RUN_TMPDIR/help"
  while read -r option; do
    grep -qE -- "[ ,]$option( |\$|\[)" "$BATS_RUN_TMPDIR/help" || fail "the hint names $option, and there is no such option"
  done <<< "$options"
}

# minirun said no: status 125, nothing on stdout, one line "minirun: ..." that matches $1, and hints at most.
says_no() {
  [ "$status" -eq 125 ] || fail "not refused"
  [ -z "$output" ] || fail "a refusal wrote to stdout"
  [ "$(grep -c '^minirun: ' <<<"$stderr")" -eq 1 ] || fail "not one line 'minirun: ...'"
  if grep -qvE '^(minirun|hint): ' <<<"$stderr"; then fail "a line that is neither error nor hint"; fi
  grep -qE -- "$1" <<<"$(grep '^minirun: ' <<<"$stderr")" || fail "the message does not match: $1"
  hints_are_true
}

# refused REGEX ARCHIVE [OPTION...]: loading says no, and store and victim are as they were.
refused() {
  local regex=$1 archive=$2 before
  shift 2
  before=$(store_state)
  minirun load "$@" "$archive"
  says_no "$regex"
  [ "$(store_state)" = "$before" ] || fail "the store was changed: $(diff <(echo "$before") <(store_state))"
  victim_is_unchanged
}

# case_refused CASE [REGEX]: the same for a forged one.
case_refused() {
  local archive
  archive=$(forged "$1") || fail "no archive $1"
  refused "${2:-.}" "$archive"
}

# contained CASE [REGEX]: refused as above, or loaded; the victim is unchanged either way.
contained() {
  local archive before
  archive=$(forged "$1") || fail "no archive $1"
  before=$(store_state)
  minirun load "$archive"
  if [ "$status" -ne 0 ]; then
    says_no "${2:-.}"
    [ "$(store_state)" = "$before" ] || fail "the store was changed"
  fi
  victim_is_unchanged
}

# runs_hello IMAGE [OPTION...]: its program says what it should.
runs_hello() {
  local image=$1
  shift
  minirun run "$@" "$image"
  [ "$status" -eq 0 ] || fail "$image does not run"
  [ "$output" = "$HELLO" ] || fail "$image says something else"
}

# inside CASE SCRIPT: the script's output, run by the image's busybox in a container.
inside() {
  local archive
  archive=$(forged "$1") || fail "no archive $1"
  minirun "$archive" /bin/busybox sh -c "$2"
  [ "$status" -eq 0 ] || fail "the container failed"
  victim_is_unchanged
}

# shows CASE SCRIPT LINE...: the script prints exactly these lines.
shows() {
  local case=$1 script=$2
  shift 2
  inside "$case" "$script"
  [ "$output" = "$(printf '%s\n' "$@")" ] || fail "expected: $*"
}

# Sets top_layer to the directory of the top layer's files; the store has one image.
find_top_layer() {
  top_layer=$(cat "$MINIRUN_ROOT"/images/*/layers | grep -oE '[0-9a-f]{64}' | tail -n 1)
  top_layer=$MINIRUN_ROOT/overlay2/$top_layer/diff
  [ -d "$top_layer" ] || fail "no directory $top_layer"
}

# within MIB COMMAND...: as `run`, and the command's peak memory stays below. (Sanitizers need MEMORY_FACTOR times as much.)
within() {
  local limit=$(($1 * ${MEMORY_FACTOR:-1})) peak
  shift
  ran="$*"
  run --separate-stderr timeout $((60 * ${SLOW:-1})) "$FORGE" peak "$WORK/peak" "$@"
  peak=$(cat "$WORK/peak")
  [ "$peak" -lt $((limit * 1024)) ] || fail "peak memory: $peak KiB"
}
