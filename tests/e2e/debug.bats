#!/usr/bin/env bats
# --debug, --trace and --dry-run: all three tell the one plan, and telling never changes what happens.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

setup_file() {
  /usr/bin/python3 -c 'import jsonschema' 2> /dev/null || skip "no python3-jsonschema"
}

# Options that bring nearly every kind of step.
many_options() {
  mkdir -p "$WORK/data"
  options=(-v "$WORK/data:/data" -v vol:/vol -v "$WORK/made:/made" --tmpfs /t --name n -w /w --read-only -u student)
}

# The plan of a dry run without what differs from one to the next: its id, the flush that new layers need, where lines
# were broken. A line a step.
bare_plan() {
  sed -nE '/^plan/,$p' | sed -E '/  flush-layers /,/^$/d; /^ +(steps|host) /d; s|^step [0-9]+/[0-9]+||' > "$WORK/plan"
  id=$(sed -nE 's/^ +id  //p' "$WORK/plan")
  sed -E 's/ \\$//' "$WORK/plan" | tr -d ' \n' | sed "s/$id/ID/g"
}

# Each line of a trace against the schema.
trace_is_valid() {
  /usr/bin/python3 - "$1" "$top/runner/tell/trace.schema.json" << 'PYTHON' || fail "the trace does not fit its schema"
import json, sys, jsonschema
check = jsonschema.Draft7Validator(json.load(open(sys.argv[2])))
bad = [(line, error.message) for line in open(sys.argv[1]) for error in check.iter_errors(json.loads(line))]
print(*bad, sep="\n", file=sys.stderr)
sys.exit(bool(bad))
PYTHON
}

@test "--debug=full tells every step once and in order, in 100 columns, and leaves stdout to the program" {
  new_rootfs
  new_image
  many_options
  step_ids "${options[@]}" > "$WORK/ids"
  minirun --debug=full "${options[@]}" "$IMAGE" echo 'only this'
  [ "$status" -eq 0 ] || fail "it does not run"
  [ "$output" = 'only this' ] || fail "stdout has more than the program's"
  total=$(wc -l < "$WORK/ids")
  [ "$total" -gt 50 ] || fail "too few steps"
  sed -nE "s|^step [0-9]+/$total  ([a-z0-9-]+) .*|\1|p" <<< "$stderr" | diff - "$WORK/ids" || fail "other steps"
  # What has no space can't be broken without changing what it means to a shell.
  if awk 'length($0) > 100 { for (i = 1; i <= NF; i++) if (length($i) > 80) next; print }' <<< "$stderr" | grep .; then
    fail "longer than 100 columns"
  fi
  if grep -q $'\033' <<< "$stderr"; then fail "colour where there is no terminal"; fi
}

@test "each step is told with its process, its reason, its calls, its shell form, result and time" {
  new_rootfs
  new_image
  minirun -DD "$IMAGE" true
  awk '
    /^step / { if (step && !(why && call && shell && see && result)) { print "incomplete: " step; bad = 1 }
               step = $0; why = call = shell = see = result = 0
               if ($0 !~ /(host, pid [0-9]+|child, pid [0-9]+ \(1 inside\))$/) { print "no process: " $0; bad = 1 } }
    /^    why  / { why = 1 } /^   call  / { call = 1 } /^  shell  / { shell = 1 } /^    see  / { see = 1 }
    /^ result  .*after [0-9.]+ (µs|ms|s)$/ { result = 1 }
    END { exit bad }' <<< "$stderr" || fail "see above"
  [[ $stderr == *'CLONE_NEWNS|CLONE_NEWPID'* ]] || fail "flags have no names"
  grep -qE '^ result  [0-9]+, after' <<< "$(sed -n '/  clone  /,/^$/p' <<< "$stderr")" || fail "clone gives no pid"
  grep -q '^end: exit status 0$' <<< "$stderr" || fail "no end"
  grep -qE '^undo  dir ' <<< "$stderr" || fail "undoing is not told"
}

@test "--debug tells a run on two screens: a heading for each phase, a line for each step, what it calls and for how long" {
  "$MINIRUN" load "$top/examples/hello-world.tar.gz"
  IMAGE=hello-world step_ids > "$WORK/ids"
  minirun --debug hello-world
  [ "$status" -eq 0 ] || fail
  [ "$(wc -l <<< "$stderr")" -le 70 ] || fail "$(wc -l <<< "$stderr") lines"
  if grep -vxE '.{1,100}' <<< "$stderr"; then fail "longer than 100 columns"; fi
  sed -nE 's/^ *([0-9]+)  ([a-z0-9-]+) +(host|child)  .*/\2/p' <<< "$stderr" | diff - "$WORK/ids" || fail "other steps"
  told=$(grep -cE '^ *[0-9]+  [a-z0-9-]+ +(host|child) +[a-z_0-9]+\(.* ([0-9]+ µs|[0-9.]+ ms)$' <<< "$stderr")
  [ "$told" -eq "$(($(wc -l < "$WORK/ids") - 1))" ] || fail "a call or a time is missing" # exec has no time
  for heading in 'a directory on the host: ' 'a process of its own: ' 'namespaces: ' 'one tree of layers: ' \
    'a root of its own: ' 'powers: ' 'the program: ' 'the end: '; do
    [ "$(grep -c "^$heading" <<< "$stderr")" -eq 1 ] || fail "no heading $heading"
  done
  grep -qE '^ *[0-9]+  pivot-root +child  pivot_root\("\.", "\."\)' <<< "$stderr" || fail "another call"
  grep -qE '^undo  cgroup .* rmdir ' <<< "$stderr" || fail "undoing is not told"
  grep -qE '^end: exit status 0, ' <<< "$stderr" || fail "no end"
}

@test "--debug tells a step that fails in full" {
  minirun --debug --tmpfs /t:mpol=bind:999 "$BUSYBOX" true
  [ "$status" -eq 125 ] || fail
  for line in '^step [0-9]+/[0-9]+  tmpfs-1 ' '^    why  ' '^   call  fsopen' '^  shell  ' '^ result  -1 EINVAL$' '^undo  dir '; do
    grep -qE "$line" <<< "$stderr" || fail "no line $line"
  done
}

@test "--debug: a terminal shows what is being loaded, and takes no escapes where it is dumb" {
  script -qec "$MINIRUN --debug $BUSYBOX true" /dev/null < /dev/null > "$WORK/seen"
  grep -q 'unpack-layer .*\.\.\.' "$WORK/seen" || fail "nothing is told while it is loaded"
  TERM=dumb script -qec "$MINIRUN --debug=full $BUSYBOX true" /dev/null < /dev/null > "$WORK/dumb"
  if grep -q $'\033' "$WORK/dumb"; then fail "escapes"; fi
}

@test "the load is told thing by thing: from the archive's bytes to the names in the store" {
  minirun --debug=full "$BUSYBOX" true
  [ "$(grep -oE '^load [0-9/]+  [a-z-]+' <<< "$stderr" | tr -s ' ' | tr '\n' ';')" = \
    "load 1 open-archive;load 2 read-manifest;load 3/5 read-config;load 4/5 unpack-layer;load 5/5 commit;" ] ||
    fail "the load is told otherwise"
  minirun --debug=full "$BUSYBOX" true
  [ "$(grep -oE '^load [0-9/]+  [a-z-]+' <<< "$stderr")" = "load 1/1  open-archive" ] || fail "the second start reads"
}

@test "colour on a terminal only, and not with NO_COLOR" {
  minirun load "$BUSYBOX"
  script -qec "$MINIRUN --debug $BUSYBOX true" /dev/null < /dev/null > "$WORK/colour"
  grep -q $'\033\[1m' "$WORK/colour" || fail "no colour on a terminal"
  NO_COLOR=1 script -qec "$MINIRUN --debug $BUSYBOX true" /dev/null < /dev/null > "$WORK/plain"
  if grep -q $'\033' "$WORK/plain"; then fail "colour with NO_COLOR"; fi
}

@test "--trace writes a line for each thing done, as its schema says" {
  new_rootfs
  new_image
  many_options
  step_ids "${options[@]}" > "$WORK/ids"
  minirun rmi test
  minirun --trace "$WORK/trace" "${options[@]}" "$IMAGE" sh -c 'exit 7'
  [ "$status" -eq 7 ]
  trace_is_valid "$WORK/trace"
  jq -r 'select(.kind == "step") | .id' "$WORK/trace" | diff - "$WORK/ids" || fail "other steps"
  [ "$(jq -r 'select(.kind == "load") | .id' "$WORK/trace" | tail -n 1)" = commit ] || fail "the load is not there"
  [ "$(jq -s 'map(.start_us) == (map(.start_us) | sort)' "$WORK/trace")" = true ] || fail "time goes back"
  [ "$(jq -r 'select(.id == "wait") | .result' "$WORK/trace")" = 'exit status 7' ]
  [ "$(tail -n 1 "$WORK/trace" | jq .exit_status)" = 7 ]
  [ "$(jq -r 'select(.kind == "undo") | .id' "$WORK/trace" | tail -n 1)" = dir ] || fail "dir is not undone last"
}

@test "--trace of a step that fails has its errno, and what was undone after it" {
  new_rootfs
  new_image
  minirun load "$IMAGE"
  minirun --trace "$WORK/trace" --tmpfs /t:mpol=bind:999 "$IMAGE" true
  [ "$status" -eq 125 ]
  trace_is_valid "$WORK/trace"
  failed=$(jq -c 'select(.kind == "step" and .result == "-1")' "$WORK/trace")
  [ "$(jq -r .errno <<< "$failed")" = EINVAL ] || fail "no errno: $failed"
  [[ $stderr == *"$(jq -r .message <<< "$failed")"* ]] || fail "another message than the person's"
  [ "$(tail -n 1 "$WORK/trace" | jq .exit_status)" = null ] || fail "a status where nothing ran"
  nothing_is_left
}

@test "a trace that cannot be written ends the run, and everything is undone" {
  minirun load "$BUSYBOX"
  minirun --trace /no/such/directory/trace "$BUSYBOX" true
  says_no '/no/such/directory: No such file'
  minirun --trace /dev/full "$BUSYBOX" true
  [ "$status" -eq 125 ] && [[ $stderr == *'No space left on device'* ]] || fail "nothing is said"
  nothing_is_left
  # The disk is full after ever more steps, and at last when all is being undone.
  mkdir "$WORK/small"
  mount -t tmpfs -o size=64k none "$WORK/small"
  for blocks in 15 13 11 9 8 7 6 5; do
    dd if=/dev/zero of="$WORK/small/fill" bs=4k count=$blocks status=none
    minirun --trace "$WORK/small/trace" "$BUSYBOX" true
    [ "$status" -eq 0 ] || [[ $stderr == *'No space left on device'* ]] || fail "another failure"
    nothing_is_left
    rm "$WORK/small"/*
  done
  umount "$WORK/small"
}

@test "a trace is a new file: no symlink is followed, no hard link's other name is emptied, no FIFO waited for" {
  "$MINIRUN" load "$BUSYBOX"
  mkdir -m 1777 "$WORK/shared"
  ln -s "$VICTIM/sentinel" "$WORK/shared/link"
  minirun --trace "$WORK/shared/link" busybox-static:1 true
  says_no 'it is a symlink'
  ln -s "$WORK/nowhere" "$WORK/shared/dangling"
  minirun --trace "$WORK/shared/dangling" busybox-static:1 true
  says_no 'it is a symlink'
  [ ! -e "$WORK/nowhere" ] || fail "made"
  echo keep > "$WORK/other-name"
  ln "$WORK/other-name" "$WORK/shared/hard"
  "$MINIRUN" --trace "$WORK/shared/hard" busybox-static:1 true
  [ "$(cat "$WORK/other-name")" = keep ] || fail "a hard link's file was emptied"
  jq -e . "$WORK/shared/hard" > "$WORK/out" || fail "no trace"
  mkfifo "$WORK/shared/fifo"
  minirun --trace "$WORK/shared/fifo" busybox-static:1 true
  says_no 'shared|fifo'
  [ "$("$MINIRUN" --trace >(jq -r 'select(.id == "exec") | .id' > "$WORK/ids") busybox-static:1 echo ran)" = ran ] || fail ">()"
  eventually grep -qx exec "$WORK/ids"
  victim_is_unchanged
}

@test "a closed or full standard error stops neither the program nor the clean-up" {
  minirun load "$BUSYBOX"
  run sh -c '"$1" --debug "$2" echo out 2>&-' - "$MINIRUN" "$BUSYBOX"
  [ "$status" -eq 0 ] && [ "$output" = out ] || fail "stderr closed"
  run sh -c '"$1" --debug "$2" echo out 2> /dev/full' - "$MINIRUN" "$BUSYBOX"
  [ "$status" -eq 0 ] && [ "$output" = out ] || fail "stderr full"
  nothing_is_left
  # A pipe that nobody reads any more.
  run sh -c '{ "$1" --debug "$2" echo out 2>&1 >&3 | true; } 3>&1' - "$MINIRUN" "$BUSYBOX"
  nothing_is_left
}

@test "--dry-run needs no root, makes nothing, and prints the plan that root would run" {
  new_rootfs
  new_image '"User":"student","WorkingDir":"/w"'
  open=$(mktemp -d) # bats' own directories are closed to others
  mkdir "$open/empty"
  cp "$MINIRUN" "$IMAGE" "$open"
  chmod -R a+rX "$open"
  run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$open/minirun" --dry-run -h box --root "$open/empty/store" "$open/image.tar.gz" id
  made=$(ls -A "$open/empty")
  [ "$status" -eq 0 ] || fail "not without root"
  [ -z "$made" ] || fail "something was made"
  grep -qF 'setresuid(1000, 1000, 1000)' <<< "$output" || fail "the image's user was not looked up"
  before=$(bare_plan <<< "$output")
  # The same plan once it is loaded, but for the flush that new layers need.
  minirun load --root "$open/empty/store" "$IMAGE"
  minirun --dry-run -h box --root "$open/empty/store" "$IMAGE" id
  rm -r "$open"
  [ "$status" -eq 0 ]
  [ "$(bare_plan <<< "$output")" = "$before" ] || fail "another plan: $(bare_plan <<< "$output") but $before"
}

@test "--dry-run says what loading would do where the image is not loaded, and leaves the store alone" {
  before=$(store_state)
  minirun --dry-run "$BUSYBOX" true
  [ "$status" -eq 0 ]
  grep -qE '^load 4/5  unpack-layer' <<< "$output" || fail "the load is not told"
  [ "$(tail -n 1 <<< "$output")" = 'Nothing of this was done.' ]
  [ "$(store_state)" = "$before" ] || fail "the store was changed"
  minirun load "$BUSYBOX"
  before=$(store_state)
  minirun --dry-run "$BUSYBOX" true
  if grep -q '^load' <<< "$output"; then fail "it is loaded"; fi
  minirun --dry-run busybox-static:1 true
  [ "$status" -eq 0 ]
  [ "$(store_state)" = "$before" ] || fail "the store was changed"
}

@test "--dry-run sees users, root directory and layers of every image as the loaded one has them" {
  seen=0
  export MINIRUN_ROOT
  for case in $(cases good-) $(cases case-4); do
    archive=$(forged "$case") || continue
    MINIRUN_ROOT=$WORK/store-$case
    user=$("$MINIRUN" --dry-run -h box "$archive" prog 2> /dev/null) || continue
    timeout 60 "$MINIRUN" load "$archive" > /dev/null 2>&1 || continue
    loaded=$("$MINIRUN" --dry-run -h box "$archive" prog 2> /dev/null) || fail "$case: only before it is loaded"
    [ "$(bare_plan <<< "$user")" = "$(bare_plan <<< "$loaded")" ] || fail "$case: another plan"
    seen=$((seen + 1))
  done
  [ "$seen" -ge 20 ] || fail "only $seen images were compared"
}

@test "--dry-run refuses what only a run can do" {
  for option in '--trace x' --step '--break-after exec' '--report x'; do
    # shellcheck disable=SC2086
    minirun --dry-run $option "$BUSYBOX" true
    says_no 'dry-run'
  done
}
