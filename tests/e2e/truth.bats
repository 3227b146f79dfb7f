#!/usr/bin/env bats
# minirun tells of each step which system calls it makes and how to see its effect. Both are held against the kernel:
# strace sees these calls and no others, and what is to be seen changes with the step.

# bats sets stderr, and runs each test in a shell of its own
# shellcheck disable=SC2154,SC2030,SC2031

load helpers
load container

truth() { python3 "$BATS_TEST_DIRNAME/truth.py" "$@"; }

# traced COMMAND...: under strace, a file for each process.
traced() {
  rm -f "$WORK"/strace.*
  strace -ff -s 4096 -o "$WORK/strace" timeout 60 "$@"
}

@test "one by one: strace sees the calls that the steps declare, in their order, and no other that changes anything" {
  every_step
  traced "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true
  run -0 truth "$WORK/trace" "$WORK/strace"
  [[ $output =~ ^([0-9]+)\ steps ]] || fail "no count"
  [ "${BASH_REMATCH[1]}" -gt 55 ] || fail "too few steps"
  grep -q flush-layers "$WORK/trace" || fail "nothing was flushed"
}

@test "the same with --keep, as root, without what is optional" {
  every_step
  traced "$MINIRUN" --trace "$WORK/trace" --keep -i --network host "$IMAGE" sh -c : < /dev/null
  truth "$WORK/trace" "$WORK/strace"
}

@test "the same with --init, whose child becomes the program, and with a terminal" {
  every_step
  traced "$MINIRUN" --trace "$WORK/trace" --init "${options[@]}" "$IMAGE" true
  truth "$WORK/trace" "$WORK/strace"
  traced "$MINIRUN" --trace "$WORK/trace" --init -t "${options[@]}" "$IMAGE" true > "$WORK/out"
  truth "$WORK/trace" "$WORK/strace"
}

@test "the same for a store whose name overlay can't take" {
  every_step
  export MINIRUN_ROOT=$WORK/a,b
  traced "$MINIRUN" --trace "$WORK/trace" "$IMAGE" true
  grep -q short "$WORK/trace" || fail "overlay took it"
  truth "$WORK/trace" "$WORK/strace"
}

@test "without a listener the child does the same in one go" {
  every_step
  "$MINIRUN" load "$IMAGE"
  "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true
  rm -rf "$WORK/missing"
  traced "$MINIRUN" "${options[@]}" "$IMAGE" true
  truth --other-run "$WORK/trace" "$WORK/strace"
}

@test "the comparison notices a call that is missing, one too many, another order, another argument" {
  every_step
  traced "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true
  truth "$WORK/trace" "$WORK/strace"
  local change
  for change in \
    '(select(.id == "pivot-root").calls) += ["chroot(\".\")"]' \
    '(select(.id == "pivot-root").calls) |= .[:-1]' \
    '(select(.id == "detach").calls) |= reverse' \
    '(select(.id == "proc").calls[3]) |= sub("MOUNT_ATTR_NODEV[|]"; "")' \
    '(select(.id == "dir-upper").calls) |= .[:-1]' \
    '(select(.id == "masks").calls) |= .[:7]' \
    '(select(.id == "user").calls[3]) |= sub("1000"; "0")' \
    '(select(.id == "reset").calls) |= .[1:]' \
    '(select(.id == "flush-layers").calls) |= .[:-1]' \
    '(select(.id == "file-hosts").calls[2]) |= sub("127"; "128")'; do
    jq -c "($change)" "$WORK/trace" > "$WORK/changed"
    ! cmp -s "$WORK/trace" "$WORK/changed" || fail "nothing changed: $change"
    run truth "$WORK/changed" "$WORK/strace"
    [ "$status" -ne 0 ] || fail "not noticed: $change"
  done
}

@test "what a step's look shows is there after the step, and was not before" {
  every_step
  export MINIRUN_ROOT="$WORK/it's a \\store" # to be quoted in the shell, and as mountinfo has it
  # Shared, as systemd has it, and with another I/O class: else `private` and `scheduling` would change nothing.
  local looks=(unshare --mount --propagation shared ionice -c 2 -n 7 python3 "$BATS_TEST_DIRNAME/looks.py")
  "$MINIRUN" load "$IMAGE"
  "$MINIRUN" --trace "$WORK/known" "${options[@]}" "$IMAGE" true
  rm -rf "$WORK/missing"
  "$MINIRUN" volume rm vol
  run --separate-stderr "${looks[@]}" "$WORK/known" "$WORK/trace" \
    "$MINIRUN" --step --trace "$WORK/trace" "${options[@]}" "$IMAGE" sleep 3
  [ "$status" -eq 0 ] || fail "looks"
  [[ ${lines[-1]} =~ ^([0-9]+)\ looks$ ]] || fail "no count"
  [ "${BASH_REMATCH[1]}" -gt 55 ] || fail "too few"
}

# load_is_true STORE ARCHIVE: what the load before a run tells, against what strace sees; the trace stays.
load_is_true() {
  MINIRUN_ROOT=$1 traced "$MINIRUN" --trace "$WORK/trace" "$2" > /dev/null
  run -0 truth --load "$WORK/trace" "$WORK/strace"
}

# Names that have to be quoted, in the store as in the archive.
odd_place() {
  odd="$WORK/it's a \"back\\slash\""
  mkdir "$odd"
  gzip -dc "$top/examples/whiteouts.tar.gz" > "$odd/an image.tar"
  cp "$top/examples/whiteouts.tar.gz" "$odd/an image.tar.gz"
  cp -R "$(forged good-docker25-dir)" "$odd/a directory"
}

@test "a load makes the calls that it tells, in their order, and moves nothing else into the store" {
  odd_place
  load_is_true "$odd/store" "$odd/an image.tar"
  [ "$(jq -s '[.[] | select(.kind == "load")] | length' "$WORK/trace")" = 7 ] || fail "records are missing"
  load_is_true "$odd/store" "$odd/an image.tar" # which it knows
  load_is_true "$odd/store" "$odd/an image.tar.gz" # whose layers it has
  load_is_true "$odd/other" "$odd/an image.tar.gz"
  load_is_true "$odd/other" "$odd/a directory"
  load_is_true "$odd/third" - < "$odd/an image.tar.gz"
  # And the comparison notices what is not so.
  load_is_true "$odd/fourth" "$odd/an image.tar"
  local change
  for change in '(select(.id == "commit").calls) |= .[1:]' '(select(.id == "commit").calls) |= reverse' \
    '(select(.id == "read-config").calls[0]) |= sub("[0-9]+\\)"; "1)")' '(select(.id == "open-archive").calls[0]) |= sub("an"; "no")' \
    '(select(.id == "unpack-layer").calls[]) |= sub("O_EXCL"; "O_TRUNC")'; do
    jq -c "($change)" "$WORK/trace" > "$WORK/changed"
    ! cmp -s "$WORK/trace" "$WORK/changed" || fail "nothing changed: $change"
    run truth --load "$WORK/changed" "$WORK/strace"
    [ "$status" -ne 0 ] || fail "not noticed: $change"
  done
}

@test "what a load says for a shell does the same there, also where a path has to be quoted" {
  odd_place
  local archive record id look shell diff_id
  for archive in "$odd/an image.tar" "$odd/a directory"; do
    MINIRUN_ROOT=$odd/store "$MINIRUN" --trace "$WORK/trace" "$archive" > /dev/null
    while read -r record; do
      of() { jq -r "$1" <<< "$record"; }
      id=$(of .id) look=$(of .look) shell=$(of .shell) diff_id=$(of '.result | scan("^diff id ([0-9a-f]+)")[0]')
      bash -c "$look" > "$WORK/out" || fail "$id: $look"
      [ "$id" != commit ] || continue # it names what is gone when it is told
      run -0 bash -o pipefail -c "$shell"
      [ "$id" != unpack-layer ] || [[ $output == "$diff_id"* ]] || fail "$shell says $output"
    done < <(jq -c 'select(.kind == "load")' "$WORK/trace")
  done
}
