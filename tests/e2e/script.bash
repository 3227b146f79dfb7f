# What the end-to-end tests of --print-script share, on top of helpers.bash and container.bash.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # bats sets output, stderr and status; the tests use what is set here

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

# Runs a script for at most a minute, stderr apart; $CALLER: what starts it.
run_script() {
  ran="sh $*"
  run --separate-stderr without_high_descriptors timeout 60 "${CALLER[@]}" sh "$@"
}

nothing_of_the_script_is_left() {
  local left
  left=$(
    find "$MINIRUN_ROOT"/{containers,kept,names} -mindepth 1 -maxdepth 1
    find "$MINIRUN_ROOT"/volumes -mindepth 2 -maxdepth 2 -name anonymous
    find /sys/fs/cgroup -maxdepth 2 -name "minirun-$script_id"
    grep "$script_id" /proc/self/mountinfo
    grep -ls "$script_id" /proc/[0-9]*/mountinfo
  ) || true
  [ -z "$left" ] || fail "left behind: $left"
}
