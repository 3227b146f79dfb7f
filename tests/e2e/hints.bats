#!/usr/bin/env bats
# A failure names the step, what was tried and the errno in words, and says what usually causes it there: hints.table.
# strace makes the calls fail.

# bats sets stderr; fail prints ran
# shellcheck disable=SC2154,SC2034

load helpers
load container

# The options that bring every kind of step, and the image by its name: whether an archive is opened again depends on
# how old it is, and each run has to make the same calls.
prepare() {
  every_step
  "$MINIRUN" load "$IMAGE" > /dev/null
  IMAGE=test:latest
  renew
}

# As before the first run; the layers are not flushed yet.
renew() {
  rm -rf "$MINIRUN_ROOT"/overlay2/*/durable "$MINIRUN_ROOT"/volumes/* "$WORK/missing"
  rm -f "$WORK/trace"
}

# Which of the calls with that name, counted in its process, is the first that matches: sets `syscall`, `when` and `side`.
find_call() {
  local regex=$1 nth=1 file
  if [[ $regex =~ ^([0-9]+):(.*) ]]; then nth=${BASH_REMATCH[1]} regex=${BASH_REMATCH[2]}; fi
  syscall=${regex%%\\(*}
  for side in host child; do
    file=$WORK/baseline.$side
    when=$(grep -E "^$syscall\(" "$file" | grep -nE -m "$nth" "^$regex" | sed -n "${nth}s/:.*//p")
    [ -z "$when" ] || return 0
  done
  fail "no such call: $1"
}

# What strace sees of a run without faults: a file for the runner and one for the container's first process.
baseline() {
  local host child
  strace -ff -s 200 -o "$WORK/strace" "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true 2> /dev/null
  host=$(grep -lE '^clone3\(.*CLONE_NEWPID' "$WORK"/strace.*)
  child=$(sed -nE 's/^clone3\(.*CLONE_NEWPID.* = ([0-9]+)$/\1/p' "$host")
  # The execve(2) that strace itself begins with is not counted.
  tail -n +2 "$host" > "$WORK/baseline.host"
  cp "$WORK/strace.$child" "$WORK/baseline.child"
  [ -s "$WORK/baseline.child" ] || fail "the child is not to be found"
}

# The container's id, if it had one: nothing of it is there. (Other containers run meanwhile.)
nothing_of_it_is_left() {
  local id left
  id=$(sed -nE 's/.*(containers|kept)\/([0-9a-f]{12}).*/\2/p' "$WORK/trace" 2> /dev/null | head -n 1)
  left=$(find "$MINIRUN_ROOT"/{containers,kept,staging} -mindepth 1 -maxdepth 1
    find "$MINIRUN_ROOT"/volumes -mindepth 2 -maxdepth 2 -name anonymous
    grep " $MINIRUN_ROOT/" /proc/self/mountinfo
    [ -z "$id" ] || find /sys/fs/cgroup -maxdepth 2 -name "minirun-$id") || true
  [ -z "$left" ] || fail "$1: left behind: $left"
}

# check_row STEP CALL ERRNO STATUS HINT: the call fails, once, and this is what is said.
check_row() {
  local step=$1 call=$2 errno=$3 code=$4 hint=$5 words row="$1 $3" follow=()
  find_call "$call"
  [ "$side" = host ] || follow=(-f)
  renew
  run "-$code" --separate-stderr timeout 60 strace "${follow[@]}" -o /dev/null -e "trace=$syscall" \
    -e "inject=$syscall:error=$errno:when=$when" \
    "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true
  ran=$row
  words=$(sed -n "s/^$errno //p" "$WORK/errnos")
  [ "$status" -eq "$code" ] || fail "$row: status $status"
  [ -z "$output" ] || fail "$row: something on stdout"
  [ "$(grep -c '^minirun: step ' <<< "$stderr")" -eq 1 ] || fail "$row: not one line 'minirun: step ...'"
  grep -qE "^minirun: step $step: .+: $words$" <<< "$stderr" || fail "$row: other words than: $step: ...: $words"
  if [ -n "$hint" ]; then
    grep -qE "^hint: .*$hint" <<< "$stderr" || fail "$row: no hint that matches: $hint"
  else
    ! grep -q '^hint: ' <<< "$stderr" || fail "$row: a hint where none is known"
  fi
  hints_are_true
  [ "$code" = 125 ] || errno=null # the program's fault, no step's call
  jq -es --arg step "$step" --arg errno "$errno" \
    'any(.[]; .kind == "step" and .id == $step and .result == "-1" and (.errno | tostring) == $errno)' \
    "$WORK/trace" > /dev/null || fail "$row: the trace says something else: $(tail -n 3 "$WORK/trace")"
  nothing_of_it_is_left "$row"
}

@test "every row of hints.table" {
  prepare
  baseline
  python3 -c 'import errno, os
for name in dir(errno):
    if name[0] == "E": print(name, os.strerror(getattr(errno, name)))' > "$WORK/errnos"
  local rows=0 wrong=0 line columns=()
  while IFS= read -r line; do
    [[ $line != '#'* && -n $line ]] || continue
    # The bar between columns has a space before it; one within a regular expression has not.
    mapfile -t columns < <(sed -E 's/ \| ?/\n/g' <<< "$line" | sed -E 's/^ +//; s/ +$//')
    [ "${#columns[@]}" -ge 4 ] || fail "not five columns: $line"
    # All that is wrong is told, not only the first.
    (check_row "${columns[0]}" "${columns[1]}" "${columns[2]}" "${columns[3]}" "${columns[4]-}") || wrong=$((wrong + 1))
    rows=$((rows + 1))
  done < "$BATS_TEST_DIRNAME/hints.table"
  [ "$wrong" = 0 ] || fail "$wrong of $rows rows"
  [ "$rows" -gt 90 ] || fail "only $rows rows"
}

@test "each step that can fail has a row, or stands here" {
  prepare
  "$MINIRUN" --trace "$WORK/trace" "${options[@]}" "$IMAGE" true
  # Steps of one kind share a row. reset: its calls can't fail. usage: it changes nothing.
  local alike='^(file-hostname|file-resolv|dir-work|dir-merged|make-volume-6|devpts|shm|mqueue|tmpfs-4|fill-volume-6'
  alike+='|volume-6|bind-2|bind-hosts|bind-hostname|bind-resolv|masks|read-only-paths|reset|usage|given-devices)$'
  jq -r 'select(.kind == "step") | .id' "$WORK/trace" | grep -vE "$alike" | sort > "$WORK/ids"
  grep -oE '^[a-z][a-z0-9-]*' "$BATS_TEST_DIRNAME/hints.table" | sort -u > "$WORK/rows"
  run -0 diff "$WORK/ids" "$WORK/rows"
}

@test "the same where nothing is made up: what the kernel itself says, a file in the way, too few descriptors, a chroot" {
  new_rootfs
  touch "$ROOTFS/file"
  new_image
  "$MINIRUN" load "$IMAGE"
  minirun --tmpfs /t:mpol=bind:999 "$IMAGE" true
  says_no 'step tmpfs-1: fsconfig tmpfs mpol=bind:999: Invalid argument'
  [[ $stderr == *"hint: the kernel says: "*"'mpol'"* ]] || fail "not the kernel's words"
  minirun -v "$WORK:/file/dir" "$IMAGE" true
  says_no 'step bind-1: .*/file.*: Not a directory'
  [[ $stderr == *'hint: the image has a file where that path needs a directory'* ]] || fail "another hint"
  run --separate-stderr bash -c "ulimit -n 7; $MINIRUN $IMAGE true"
  says_no 'Too many open files'
  [[ $stderr == *'hint: '*'ulimit -n'* ]] || fail "another hint"
  nothing_of_it_is_left "without strace"

  # / is no mount point in a chroot.
  local jail=$WORK/jail
  mkdir -p "$jail/proc" "$jail/store"
  cp "$MINIRUN" "$jail/minirun"
  cp "$IMAGE" "$jail/image"
  mount -t proc proc "$jail/proc"
  run --separate-stderr chroot "$jail" /minirun --root /store /image true
  umount "$jail/proc"
  says_no 'step private: mount --make-rprivate /: Invalid argument'
  [[ $stderr == *'hint: / is no mount point here, as in a chroot'* ]] || fail "another hint"
}
