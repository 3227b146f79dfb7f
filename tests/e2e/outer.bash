# Namespaces around a container that isn't whole, on top of container.bash: what it does to its host, it does to those.
#
# In them / is read-only, $WORK (a tmpfs) is not, the hostname is "outer", lo is down, and $CGROUPS is a cgroup v2 of their own
# (empty where none is mounted). Nothing of it is left when the script has ended.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034,SC2016  # bats sets output, stderr and status; a script is expanded where it runs

# What each script can use: fail; c, a container that may be broken, and start, the same with its runner as $!; says and
# silent_on, which read and look for a line.
OUTER_PRELUDE='
set -u
fail() { printf "FAIL: %s\n" "$@"; exit 1; }
c() { "$MINIRUN" --yes-break-it "$@" < /dev/null; }
start() { "$MINIRUN" --yes-break-it "$@" < /dev/null 2> /dev/null & }
says() {
  local text
  text=$(cat)
  grep -qE -- "$1" <<< "$text" || fail "no line matches: $1" "$text"
}
silent_on() {
  local text
  text=$(cat)
  ! grep -qE -- "$1" <<< "$text" || fail "a line matches: $1" "$text"
}
hostname outer
mount -o remount,bind,ro / || fail "/ stays writable"
if [ -n "$CGROUPS" ]; then mount --bind "$GROUP" "$CGROUPS" || fail "no cgroup of its own"; fi
[ "$PROPAGATION" != shared ] || mount --make-rshared / || fail "/ is not shared"
cd "$WORK"
'

# What a script made in it goes too, as it would with gc.
remove_groups() { find "$GROUP" -depth -type d -exec rmdir {} + 2> /dev/null; }

# outer [--shared] SCRIPT [ARG...]: bash runs the script there. It has to end with 0, within a minute.
outer() {
  GROUP=
  PROPAGATION=private
  if [ "$1" = --shared ]; then
    PROPAGATION=shared
    shift
  fi
  CGROUPS=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
  if [ -n "$CGROUPS" ]; then
    GROUP=$CGROUPS/outer-$$-$RANDOM
    mkdir "$GROUP"
  fi
  export GROUP CGROUPS PROPAGATION MINIRUN BUSYBOX WORK
  ran="$1"
  run --separate-stderr bash -c '
    [ -z "$GROUP" ] || echo $$ > "$GROUP/cgroup.procs"
    exec timeout 60 unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup --mount-proc "$@"' \
    _ bash -c "$OUTER_PRELUDE$1" outer "${@:2}"
  [ -z "$GROUP" ] || eventually remove_groups
  # "FAIL" also comes from the middle of a pipe, where it ends nothing.
  if [ "$status" -ne 0 ] || grep -q '^FAIL: ' <<< "$output"; then fail "the script failed"; fi
}
