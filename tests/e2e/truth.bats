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
