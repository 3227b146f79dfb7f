#!/usr/bin/env bats
# The lessons are true: each start fails, each solution passes, each wrong answer gets its hint, each page prints what it says.
# A lesson is tested by existing. ONLY=3 tests one alone.

# bats sets output and status; helpers.bash uses ran
# shellcheck disable=SC2154,SC2034

load helpers

LESSONS=$top/lessons
HERE=$top/tests/e2e

setup_file() {
  mkdir "$BATS_FILE_TMPDIR/bin"
  # The pages say sudo; the tests are root.
  printf '#!/bin/sh\nexec "$@"\n' > "$BATS_FILE_TMPDIR/bin/sudo"
  chmod +x "$BATS_FILE_TMPDIR/bin/sudo"
  export PATH=$BATS_FILE_TMPDIR/bin:$PATH
}

setup() {
  mkdir "$BATS_TEST_TMPDIR/work"
  export LAB_DIR=$BATS_TEST_TMPDIR/lab MINIRUN_ROOT=$BATS_TEST_TMPDIR/store
  unset SUDO_UID SUDO_GID SUDO_USER
}
teardown() { :; }

lab() {
  ran="lab $*"
  run timeout $((60 * ${SLOW:-1})) "$LESSONS/lab" "$@"
}

# Without those that limit a cgroup, where the tests' own has no such controller (cgroup v1, tests/alone).
all_lessons() {
  local name controller
  for name in $(cd "$LESSONS" && printf '%s\n' [0-9][0-9]-*); do
    controller=$(jq -r '.needs.controller // ""' "$LESSONS/$name/lesson.json")
    [ -z "$controller" ] || grep -qsw "$controller" /sys/fs/cgroup/cgroup.subtree_control || continue
    echo "$name"
  done |
    if [ -n "${ONLY-}" ]; then grep "^$(printf '%02d-' "$ONLY")"; else cat; fi
}

# for_lessons FUNCTION [FROM TO]: calls it with the name of each (or of those); one that fails doesn't end the rest.
for_lessons() {
  local name number failed=''
  for name in $(all_lessons); do
    number=$((10#${name%%-*}))
    ((number >= ${2:-0} && number <= ${3:-99})) || continue
    (set -e && "$1" "$name") || failed+=" $name"
  done
  [ -z "$failed" ] || fail "lessons:$failed"
}

# answer NAME DIRECTORY...: a student's directory with what start/ has and then what these have.
answer() {
  local name=$1 dir
  shift
  rm -rf "$LAB_DIR"
  timeout 10 "$LESSONS/lab" start "$name" > /dev/null
  for dir; do cp -R "$dir/." "$LAB_DIR/$name/"; done
  rm -f "$LAB_DIR/$name/hint"
}

parts() {
  local name=$1 dir=$LESSONS/$1 part file
  for file in README.md check.bats hints lesson.json; do
    [ -s "$dir/$file" ] || fail "$name has no $file"
  done
  for file in start solution wrong; do
    [ -d "$dir/$file" ] || fail "$name has no $file/"
  done
  [ "$(find "$dir/wrong" -mindepth 1 -maxdepth 1 -type d | wc -l)" -ge 3 ] || fail "$name has under three wrong answers"
  [ "$(wc -l < "$dir/README.md")" -le 250 ] || fail "$name: README.md is over 250 lines"
  ! grep -E '.{101}' "$dir/README.md" "$dir/hints" || fail "$name: longer than 100 columns"
  [ "$(grep -cx -e --- "$dir/hints")" = 2 ] || fail "$name: there are three hints, with --- between"
  for part in Predict Run 'What happened?' 'The exercise' Check 'In Docker' 'Read on'; do
    grep -qx "## $part" "$dir/README.md" || fail "$name: README.md has no part '$part'"
  done
  grep -q '^\*\*You will know\*\*' "$dir/README.md" || fail "$name: README.md does not say what one will know"
  grep -q '^\*\*Next:\*\*' "$dir/README.md" || fail "$name: README.md does not say what is next"
  jq -e '(.title | length > 0) and (.minutes > 0) and (.steps | type == "array") and ([.needs.root, .needs.machine] | all(type == "boolean"))
    and (.needs.kernel | test("^[0-9]+\\.[0-9]+$")) and (.needs.memory_mb > 0)' "$dir/lesson.json" > /dev/null ||
    fail "$name: lesson.json"
  grep -qE "^# $((10#${name%%-*}))\. $(jq -r .title "$dir/lesson.json")" "$dir/README.md" || fail "$name: the page has another title"
}

references() {
  local name=$1 dir=$LESSONS/$1 step link
  for step in $(jq -r '.steps[]' "$dir/lesson.json"); do
    "$MINIRUN" explain "$step" | grep -qF "(lessons/$name)" || fail "$name: minirun explain $step does not name it"
    grep -q "\`$step\`\|explain $step" "$dir/README.md" || fail "$name: the page does not name step $step"
  done
  while read -r step; do
    "$MINIRUN" explain "$step" > /dev/null || fail "$name: explain $step"
  done < <(grep -oE 'minirun explain [a-z][a-z-]+' "$dir/README.md" | sed 's/.* //')
  while read -r link; do
    [[ $link == http* ]] || [ -e "$dir/$link" ] || fail "$name: no $link"
  done < <(grep -oE '\]\([^)]+\)|src(set)?="[^"]+"' "$dir/README.md" | sed -E 's/^\]\(|^src(set)?="|[)"]$//g')
}

start_fails() {
  answer "$1"
  lab check "$1"
  [ "$status" = 1 ] || fail "$1: start/ passes: $output"
  grep -q '^hint: ' <<< "$output" || fail "$1: no hint for start/: $output"
  ! grep -q '^The check did not' <<< "$output" || fail "$1: $output"
}

solution_passes() {
  answer "$1" "$LESSONS/$1/solution"
  local begun=$SECONDS
  lab check "$1"
  [ "$status" = 0 ] || fail "$1: solution/ fails: $output"
  ! grep -qE '^(SWEPT|BAD|MISSING)' <<< "$output" || fail "$1: $output"
  # 10 seconds on a machine that does nothing else; the suite keeps it busy twice over.
  [ $((SECONDS - begun)) -le $((20 * ${SLOW:-1})) ] || fail "$1: the check takes over 20 seconds"
}

wrong_ones() {
  local wrong hint bad=''
  for wrong in "$LESSONS/$1"/wrong/*/; do
    answer "$1" "$LESSONS/$1/solution" "$wrong"
    lab check "$1"
    hint=$(cat "$wrong/hint")
    [ "$status" = 1 ] && sed -n '/^hint: /,$p' <<< "$output" | tr '\n' ' ' | grep -qF -- "$hint" || bad+="$wrong ($hint): $output"$'\n'
  done
  [ -z "$bad" ] || fail "$bad"
}

page_is_true() {
  answer "$1"
  timeout $((100 * ${SLOW:-1})) "$HERE/lesson_page.py" "$LESSONS/$1/README.md" "$LAB_DIR/$1" || fail "$1: the page says something else"
}

@test "each lesson has its parts" { for_lessons parts; }
@test "what lessons name is there, and names them: steps, links" { for_lessons references; }
@test "each start fails, with a hint: lessons 1 to 6" { for_lessons start_fails 1 6; }
@test "each start fails, with a hint: from lesson 7" { for_lessons start_fails 7; }
@test "each solution passes, and leaves nothing: lessons 1 to 6" { for_lessons solution_passes 1 6; }
@test "each solution passes, and leaves nothing: from lesson 7" { for_lessons solution_passes 7; }
@test "each wrong answer gets the hint that is meant for it: lessons 1 to 2" { for_lessons wrong_ones 1 2; }
@test "each wrong answer gets the hint that is meant for it: lessons 3 to 4" { for_lessons wrong_ones 3 4; }
@test "each wrong answer gets the hint that is meant for it: lessons 5 to 6" { for_lessons wrong_ones 5 6; }
@test "each wrong answer gets the hint that is meant for it: lesson 7" { for_lessons wrong_ones 7 7; }
@test "each wrong answer gets the hint that is meant for it: lesson 8" { for_lessons wrong_ones 8 8; }
@test "each wrong answer gets the hint that is meant for it: lesson 9" { for_lessons wrong_ones 9 9; }
@test "each wrong answer gets the hint that is meant for it: lesson 10" { for_lessons wrong_ones 10 10; }
@test "each wrong answer gets the hint that is meant for it: lesson 11" { for_lessons wrong_ones 11 11; }
@test "each wrong answer gets the hint that is meant for it: lesson 12" { for_lessons wrong_ones 12 12; }
@test "each wrong answer gets the hint that is meant for it: lesson 13" { for_lessons wrong_ones 13 13; }
@test "each wrong answer gets the hint that is meant for it: lesson 14" { for_lessons wrong_ones 14 14; }
@test "each wrong answer gets the hint that is meant for it: from lesson 15" { for_lessons wrong_ones 15; }
@test "each page prints what stands there: lessons 1 to 6" { for_lessons page_is_true 1 6; }
@test "each page prints what stands there: from lesson 7" { for_lessons page_is_true 7; }

# --- the lab itself ---

@test "lab: what a student's script starts, mounts and writes is gone, and told" {
  answer 01-process
  cat > "$LAB_DIR/01-process/look.sh" << 'END'
#!/bin/bash
mount -t tmpfs left-behind /mnt
touch litter /etc/litter "$HOME/litter"
setsid sleep 77.5 &
trap '' TERM HUP INT
umount -l /proc
END
  before=$(cat /proc/self/mountinfo)
  lab check 1
  [ "$status" = 1 ] || fail "status $status"
  grep -q '^SWEPT    a mount that was left behind: /mnt$' <<< "$output" || fail "$output"
  grep -q '^SWEPT    a process that was left behind: sleep 77.5$' <<< "$output" || fail "$output"
  [ "$(cat /proc/self/mountinfo)" = "$before" ] || fail "a mount is left"
  ! pgrep -f 'sleep 77.5' || fail "a process is left"
  for file in "$LAB_DIR/01-process/litter" /etc/litter "$HOME/litter"; do
    [ ! -e "$file" ] || fail "$file is left"
  done
}

@test "lab: a script that never ends, or ends the check, does not hold it up" {
  answer 01-process
  printf '#!/bin/bash\nkill -KILL -1\nwhile :; do :; done\n' > "$LAB_DIR/01-process/look.sh"
  lab check 1
  [ "$status" = 1 ] || fail "status $status"
  grep -q '^The check did not come to its end' <<< "$output" || fail "$output"
}

@test "lab: a file that can't be executed, or is gone, is told so" {
  answer 01-process "$LESSONS/01-process/solution"
  chmod -x "$LAB_DIR/01-process/look.sh"
  lab check 1
  grep -q '^hint: type: chmod +x look.sh$' <<< "$output" || fail "$output"
  rm "$LAB_DIR/01-process/look.sh"
  lab check 1
  grep -q 'there is no file look.sh' <<< "$output" || fail "$output"
}

@test "lab: from a checkout that can't be written, in any directory, and through the link" {
  answer 02-exit "$LESSONS/02-exit/solution"
  unshare --mount sh -c "mount --bind '$top' '$top' && mount -o remount,bind,ro '$top' && cd '$LAB_DIR/02-exit' &&
    unset LAB_DIR && timeout 60 ../lab check" || fail "it does not pass"
  (cd / && LAB_DIR=$LAB_DIR "$LESSONS/lab" list | grep -qE '^  2 .* passed$') || fail "it is not noted"
}

@test "lab: what root makes for a student belongs to the student" {
  export SUDO_UID=4711 SUDO_GID=4712
  lab start 1
  lab check 1
  lab hint 1
  lab solution 1 --give-up
  lab reset 1
  [ -z "$(find "$LAB_DIR" ! -uid 4711 -o ! -gid 4712)" ] || fail "$(find "$LAB_DIR" ! -uid 4711 -o ! -gid 4712)"
  unset SUDO_UID SUDO_GID
}

@test "lab: three hints, the solution only after them or a pass, and all of it in the report" {
  lab check 1
  [ "$status" = 2 ] || fail "it checks what was not started"
  answer 02-exit
  lab solution 2
  [ "$status" = 2 ] || fail "it gives the solution away"
  for _ in 1 2 3; do lab hint 2 && [ "$status" = 0 ] || fail "a hint is missing"; done
  lab hint 2
  [ "$status" = 2 ] || fail "a fourth hint: $output"
  lab solution 2 --give-up
  [ -s "$LAB_DIR/02-exit.solution/launch.c" ] || fail "$output"
  lab report --json
  [ "$(jq -c '.lessons[] | select(.started) | [.lesson, .passed, .checks, .hints, .gave_up]' <<< "$output")" = \
    '["02-exit",null,0,3,true]' ] || fail "$output"
  cp "$LESSONS"/02-exit/solution/* "$LAB_DIR/02-exit/"
  lab check 2
  lab solution 2
  [ "$status" = 0 ] || fail "$output"
  lab reset 2
  cmp "$LAB_DIR/02-exit/launch.c" "$LESSONS/02-exit/start/launch.c"
  cmp "$LAB_DIR"/02-exit.2*/launch.c "$LESSONS/02-exit/solution/launch.c"
}
