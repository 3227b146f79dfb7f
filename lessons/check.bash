# What the lessons' check.bats share. A check looks at what is there: processes in /proc, exit statuses, files. One @test is
# one line of the answer: GOOD if it passes, BAD if it ends with `bad`, MISSING if with `missing`. lessons/lab runs it in a room
# of its own (see there), in the student's directory, and prints the hint of the first line that is not GOOD.
# shellcheck shell=bash
# what is set here is used by the checks, and bats sets its own
# shellcheck disable=SC2034

bats_require_minimum_version 1.5.0
export LC_ALL=C.UTF-8 TERM=dumb
patience=$((${SLOW:-1} > 3 ? 3 : ${SLOW:-1})) # an emulated processor (SLOW) needs more time for each thing

# With LAB_FIRST set, nothing is looked at after the first line that is not GOOD: the tests want its hint alone.
setup() { [ -z "${LAB_FIRST-}" ] || [ ! -e "$BATS_FILE_TMPDIR/not-good" ] || skip "a line before it is not GOOD"; }
teardown() { [ -n "${BATS_TEST_COMPLETED-}" ] || : > "$BATS_FILE_TMPDIR/not-good"; }

lines() { # lines WORD TEXT: the text's first lines, each marked, so that no text of the student's looks like ours
  head -n 6 <<< "$2" | cut -c 1-78 | sed "s/^/$1: /"
}

# bad EXPECTED SEEN HINT: the line is BAD.
bad() {
  lines expected "$1"
  lines 'seen    ' "${2:-(nothing)}" | sed 's/^seen    : /seen:     /'
  echo "hint: $3"
  exit 1
}

# missing WHY HINT: the line is MISSING, there is nothing yet to look at.
missing() {
  echo "missing: $1"
  [ -z "${2-}" ] || echo "hint: $2"
  exit 1
}

# same EXPECTED SEEN HINT
same() { [ "$1" = "$2" ] || bad "$@"; }

# random_word: another one each time, so that no answer can be written down beforehand.
random_word() { od -An -N4 -tx4 /dev/urandom | tr -d ' '; }

# is_program FILE: the student's file is there and can be run.
is_program() {
  [[ $1 == ./* ]] || return 0
  [ -e "$1" ] || missing "there is no file ${1#./}" "$LAB_DIR/lab reset puts your files aside and brings back those that you began with"
  [ -x "$1" ] || bad "a file that can be executed" "$(stat -c '%A %n' "$1")" "type: chmod +x ${1#./}"
}

# student SECONDS COMMAND...: runs the student's program, for so long at most. Sets status, output and errors.
student() {
  local seconds=$1
  shift
  is_program "$1"
  status=0
  timeout -k 1 "$((seconds * patience))" "$@" < /dev/null > "$BATS_TEST_TMPDIR/output" 2> "$BATS_TEST_TMPDIR/errors" 3>&- 4>&- || status=$?
  output=$(tr -d '\0' < "$BATS_TEST_TMPDIR/output")
  errors=$(tr -d '\0' < "$BATS_TEST_TMPDIR/errors")
}

# start_student COMMAND...: the same in the background. What it says is in $BATS_FILE_TMPDIR/output and errors.
start_student() {
  "$@" < /dev/null > "$BATS_FILE_TMPDIR/output" 2> "$BATS_FILE_TMPDIR/errors" 3>&- 4>&- &
}

# find_process WORD...: sets found to the process whose command line is exactly these words. Waits for it, 3 seconds at most.
find_process() {
  for _ in $(seq $((30 * patience))); do
    found=$(ps -ww -eo pid=,args= | wanted="$*" awk '{ pid = $1; sub(/^ *[0-9]+ /, "") } $0 == ENVIRON["wanted"] { print pid; exit }')
    [ -z "$found" ] || return 0
    sleep 0.1
  done
  found=''
}

# namespace KIND [PID]: its number, as in uts:[4026531838].
namespace() { readlink "/proc/${2:-self}/ns/$1"; }

# predicted QUESTION WORD...: the first line of predict.txt is one of the words.
predicted() {
  local question=$1 word line
  shift
  line=$(grep -vE '^#|^[[:space:]]*$' predict.txt 2> /dev/null | head -n 1 | tr -d '[:space:]') || true
  for word; do [ "$line" != "$word" ] || return 0; done
  [ -n "$line" ] || missing "predict.txt says nothing yet" "write into predict.txt what you think before you try it: $question"
  bad "one word of: $*" "$line" "predict.txt answers this question: $question"
}

# stop PID...: ends processes that the check itself has asked for, with those that wait for them.
stop() {
  local pid parent
  for pid; do
    [ -n "$pid" ] || continue
    parent=$(ps -o ppid= -p "$pid") || continue
    kill -KILL "$pid"
    # shellcheck disable=SC2086  # a number with blanks before it
    [ $parent = 1 ] || [ $parent = $$ ] || kill -KILL $parent 2> /dev/null || true
  done
}
