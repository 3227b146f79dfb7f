# What the tests of the lessons share. ONLY=3 tests one lesson alone, ONLY="3 7" two.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # bats sets output and status; helpers.bash uses ran, and sets top

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

# Without those that limit a cgroup, where the tests' own has no such controller (cgroup v1, tests/alone), and without those
# that compile minirun, where nothing of it was compiled (the virtual machine).
all_lessons() {
  local file controller compiled
  jq -r '[input_filename, .needs.controller // "any", .needs.compiled // false] | join(" ")' "$LESSONS"/[0-9][0-9]-*/lesson.json |
    while read -r file controller compiled; do
      [ "$controller" = any ] || grep -qsw "$controller" /sys/fs/cgroup/cgroup.subtree_control || continue
      [ "$compiled" = false ] || [ -e "$top/build/runner/main.o" ] || continue
      basename "${file%/*}"
    done |
    if [ -n "${ONLY-}" ]; then grep "$(xargs -n 1 printf '^%02d-\n' <<< "$ONLY")"; else cat; fi
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

# answer NAME DIRECTORY...: a student's directory with what start/ has and then what these have. FILE.patch changes FILE.
answer() {
  local name=$1 dir patch
  shift
  rm -rf "$LAB_DIR"
  timeout $((10 * ${SLOW:-1})) "$LESSONS/lab" start "$name" > /dev/null
  for dir; do cp -R "$dir/." "$LAB_DIR/$name/"; done
  for patch in "$LAB_DIR/$name"/*.patch; do
    [ -e "$patch" ] || continue
    patch -s --no-backup-if-mismatch "${patch%.patch}" "$patch" ||
      fail "$dir/${patch##*/} does not fit solution/ any more: make it anew with diff -U2"
    rm "$patch"
  done
  rm -f "$LAB_DIR/$name/hint"
  # What a student does by hand before a check (lesson 16: make).
  if [ -x "$LESSONS/$name/prepare" ]; then timeout $((120 * ${SLOW:-1})) "$LESSONS/$name/prepare" "$LAB_DIR/$name" 3>&- 4>&-; fi
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
  with_jq
  answer "$1" "$LESSONS/$1/solution"
  local begun=$SECONDS
  lab check "$1"
  [ "$status" = 0 ] || fail "$1: solution/ fails: $output"
  ! grep -qE '^(SWEPT|BAD|MISSING)' <<< "$output" || fail "$1: $output"
  # 10 seconds on a machine that does nothing else; the suite keeps it busy twice over.
  [ $((SECONDS - begun)) -le $((20 * ${SLOW:-1})) ] || fail "$1: the check takes over 20 seconds"
}

# WRONG='[a-m]*' takes a part of them.
wrong_ones() {
  local wrong hint bad=''
  for wrong in "$LESSONS/$1"/wrong/${WRONG:-*}/; do
    answer "$1" "$LESSONS/$1/solution" "$wrong"
    LAB_FIRST=1 lab check "$1"
    hint=$(cat "$wrong/hint")
    [ "$status" = 1 ] && sed -n '/^hint: /,$p' <<< "$output" | tr '\n' ' ' | grep -qF -- "$hint" || bad+="$wrong ($hint): $output"$'\n'
  done
  [ -z "$bad" ] || fail "$bad"
}

# What a page says is typed by a student with sudo, as in class: a root shell would never be refused. Where that can't be, by
# root: without tests/alone (the machine's own /etc/passwd stays as it is), or in a directory that only root may enter.
page_is_true() {
  with_jq
  answer "$1"
  local as=()
  if has_student; then
    mkdir -p "$BATS_TEST_TMPDIR/home"
    chown -R student: "$BATS_TEST_TMPDIR/home" "$LAB_DIR"
    as=(setpriv --reuid=student --regid=student --clear-groups env "HOME=$BATS_TEST_TMPDIR/home" "PATH=${PATH#"$BATS_FILE_TMPDIR/bin:"}")
  fi
  "${as[@]}" timeout $((100 * ${SLOW:-1})) "$HERE/lesson_page.py" "$LESSONS/$1/README.md" "$LAB_DIR/$1" ||
    fail "$1: the page says something else"
}

# A user who may sudo, in the mount namespace of this file alone.
has_student() {
  [ -n "${HOST_PROC-}" ] && [ -x /usr/bin/sudo ] || return 1
  if [ ! -e "$BATS_FILE_TMPDIR/sudoers" ]; then
    local file
    for file in passwd group shadow; do
      grep -v '^student:' "/etc/$file" > "$BATS_FILE_TMPDIR/$file"
    done
    echo 'student:x:64123:64123::/:/bin/bash' >> "$BATS_FILE_TMPDIR/passwd"
    echo 'student:x:64123:' >> "$BATS_FILE_TMPDIR/group"
    echo 'student:*:19000:0:99999:7:::' >> "$BATS_FILE_TMPDIR/shadow"
    printf '%s\n' 'Defaults !env_reset, !secure_path, !fqdn' 'student ALL=(ALL) NOPASSWD: ALL' > "$BATS_FILE_TMPDIR/sudoers"
    chmod 440 "$BATS_FILE_TMPDIR/sudoers"
    for file in passwd group shadow sudoers; do
      mount --bind "$BATS_FILE_TMPDIR/$file" "/etc/$file"
    done
    chmod o+x "$BATS_RUN_TMPDIR"
  fi
  setpriv --reuid=student --regid=student --clear-groups test -x "$LESSONS/lab"
}
