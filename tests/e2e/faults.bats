#!/usr/bin/env bats
# Each command is killed at its system calls, one after the other, and each of its calls fails once. Whatever happened, the
# next gc leaves a store in which nothing belongs to nobody, and the image loads and runs. `make faults` tries every position,
# the suite some of them, spread evenly.

# shellcheck disable=SC2154,SC2034
load helpers
load container

POSITIONS=${POSITIONS:-12} # for each command and kind of fault; 0: all
CALLS=mkdir,mkdirat,openat,openat2,write,pwrite64,renameat,renameat2,symlinkat,unlinkat,rmdir,flock,fchmod,fchown,fchownat
CALLS+=,utimensat,getdents64,clone3,unshare,mount,fsmount,move_mount,pivot_root,umount2,sethostname,setsid,capset,seccomp,execve

image=$top/examples/hello-world.tar.gz

# What is there before each try: an image that stays, a kept container, and what the command needs.
renew() {
  rm -rf "$MINIRUN_ROOT"
  "$MINIRUN" load "$top/examples/busybox.tar.gz" > /dev/null
  case $1 in
    load) ;;
    rm) "$MINIRUN" --keep --name k -v /anonymous "$image" > /dev/null 2>&1 ;;
    gc)
      "$MINIRUN" load "$image" > /dev/null
      rm -r "$MINIRUN_ROOT"/images/"$(jq -r '.[0].Config' <(tar -xOf "$image" manifest.json) | sed 's/\.json//;s/.*\///')"
      ;;
    *) "$MINIRUN" load "$image" > /dev/null ;;
  esac
  cp -a --reflink=auto "$MINIRUN_ROOT" "$WORK/copy.$1"
}

command_of() {
  case $1 in
    load) echo "load $image" ;;
    run) echo "run --name n -v /anonymous -v vol:/v hello-world" ;;
    keep) echo "run --keep --name k -v /anonymous hello-world" ;;
    rm) echo "rm k" ;;
    rmi) echo "rmi hello-world" ;;
    gc) echo "gc" ;;
  esac
}

# try COMMAND FAULT CALL N: the Nth CALL gets this fault (signal=KILL, error=EIO).
try() {
  local words status=0
  read -ra words <<< "$(command_of "$1")"
  eventually rm -rf "$MINIRUN_ROOT" # the last one may still be dying
  cp -a --reflink=auto "$WORK/copy.$1" "$MINIRUN_ROOT"
  ran="$1: $2 at $3 number $4"
  {
    timeout 60 strace -f -qq -o "$WORK/strace" -e "trace=$3" -e "inject=$3:$2:when=$4" \
      "$MINIRUN" "${words[@]}" > "$WORK/said" 2>&1 < /dev/null || status=$?
  } 2> /dev/null # bash says "Killed"
  [ "$status" != 124 ] || fail "it hangs"
  ! grep -qE 'terminate called|Assertion|core dumped' "$WORK/said" || fail "$(cat "$WORK/said")"
  # The child of a killed runner may need a moment to die.
  eventually "$MINIRUN" gc
  "$MINIRUN" gc --check > "$WORK/check" 2>&1 || fail "after gc: $(cat "$WORK/check"); it said: $(cat "$WORK/said")"
  if [ "$1" = rm ] && [ -n "$(ls "$MINIRUN_ROOT/kept")" ]; then "$MINIRUN" rm k || fail "rm"; fi
  timeout 60 "$MINIRUN" "$image" 2> /dev/null | grep -q Hello || fail "the image doesn't run any more"
}

# every_position COMMAND FAULT
every_position() {
  local words positions step i
  renew "$1"
  read -ra words <<< "$(command_of "$1")"
  strace -f -qq -o "$WORK/strace" -e "trace=$CALLS" "$MINIRUN" "${words[@]}" > /dev/null 2>&1 < /dev/null
  # strace counts each call by its name, and for each process.
  mapfile -t positions < <(awk '{ sub(/\(.*/, "", $2); if ($2 ~ /^[a-z0-9_]+$/) print $2, ++count[$1, $2] }' "$WORK/strace" | sort -u)
  [ "${#positions[@]}" -gt 10 ] || fail "only ${#positions[@]} calls"
  step=1
  [ "$POSITIONS" = 0 ] || step=$(((${#positions[@]} + POSITIONS - 1) / POSITIONS))
  for ((i = RANDOM % step; i < ${#positions[@]}; i += step)); do
    # shellcheck disable=SC2086  # two words
    try "$1" "$2" ${positions[i]}
  done
  echo "# $1, $2: ${#positions[@]} positions, one of $step tried" >&3
}

@test "gc --check lists what belongs to nothing, with its size, and changes nothing" {
  local id before
  renew run
  minirun gc --check
  [ "$status" -eq 0 ] && [ -z "$output$stderr" ] || fail "a clean store"
  id=$(find "$MINIRUN_ROOT/images" -mindepth 1 -maxdepth 1 -printf "%f\n" | head -n 1)
  mkdir "$MINIRUN_ROOT/staging/dead" "$MINIRUN_ROOT/unknown" "$MINIRUN_ROOT/volumes/lost"
  mkdir "$MINIRUN_ROOT/containers/deaddeaddead" "$MINIRUN_ROOT/kept/deadbeef0000" "$MINIRUN_ROOT/kept/other"
  head -c 3000000 /dev/zero > "$MINIRUN_ROOT/staging/dead/layer"
  touch "$MINIRUN_ROOT/volumes/lost/anonymous"
  ln -s ../kept/deadbeef0001 "$MINIRUN_ROOT/names/gone"
  ln -s ../gone/diff "$MINIRUN_ROOT/overlay2/l/GONE"
  rm -r "$MINIRUN_ROOT/images/$id"
  before=$(store_state)
  minirun gc --check
  [ "$status" -eq 1 ] || fail "status $status"
  for line in '3.0 MB +staging/dead: whoever' '.* unknown: minirun has' '.* containers/deaddeaddead: its runner' \
    '.* kept/deadbeef0000: its runner' '.* kept/other: this is no' \
    '.* names/gone: the container' '.* volumes/lost: an anonymous' '.* overlay2/l/GONE: the layer' \
    '.* overlay2/[0-9a-f]{64}: no image'; do
    grep -qE "^$line" <<< "$output" || fail "no line $line"
  done
  [ "$(store_state)" = "$before" ] || fail "something was changed"
  minirun gc
  [ "$status" -eq 0 ] || fail "gc"
  minirun gc --check # what gc can't know to be nobody's stays
  [ "$(grep -oE '[^ ]+: ' <<< "$output" | tr -d ': \n')" = "unknownkept/othernames/gonevolumes/lost" ] || fail "after gc"
}

@test "a flush that fails leaves no core, and the next start tries again" {
  "$MINIRUN" load "$image" > /dev/null
  rm -f "$MINIRUN_ROOT"/overlay2/*/durable
  cd "$WORK"
  ulimit -c unlimited
  run --separate-stderr timeout 60 strace -f -qq -o "$WORK/strace" -e trace=syncfs -e inject=syncfs:error=EIO "$MINIRUN" hello-world
  [ "$status" -eq 0 ] && [ -z "$stderr" ] || fail "the run"
  grep -q 'syncfs.*EIO' "$WORK/strace" || fail "no flush: $(cat "$WORK/strace")"
  ! grep -q SIG "$WORK/strace" || fail "$(cat "$WORK/strace")"
  ! compgen -G "$MINIRUN_ROOT/overlay2/*/durable" || fail "marked durable"
  "$MINIRUN" hello-world > /dev/null
  eventually compgen -G "$MINIRUN_ROOT/overlay2/*/durable"
}

@test "killed at its system calls: load" { every_position load signal=KILL; }
@test "killed at its system calls: run" { every_position run signal=KILL; }
@test "killed at its system calls: run --keep" { every_position keep signal=KILL; }
@test "killed at its system calls: rmi" { every_position rmi signal=KILL; }
@test "killed at its system calls: rm" { every_position rm signal=KILL; }
@test "killed at its system calls: gc" { every_position gc signal=KILL; }
@test "each call fails once: load" { every_position load error=EIO; }
@test "each call fails once: run" { every_position run error=EIO; }
@test "each call fails once: run --keep" { every_position keep error=EIO; }
@test "each call fails once: rmi" { every_position rmi error=EIO; }
@test "each call fails once: rm" { every_position rm error=EIO; }
@test "each call fails once: gc" { every_position gc error=EIO; }
