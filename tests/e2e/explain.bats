#!/usr/bin/env bats
# The pages on steps: found by name, listed in the order of a run, and what they tell a student to type works.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016

load helpers
load container
load outer

@test "explain without a step lists those of a real run, in its order, with the process that does each" {
  minirun explain
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  ! grep -E '.{101}' <<< "$output" || fail "a line is too long"
  new_rootfs
  new_image
  step_ids -v ./b:/b -v n:/n --tmpfs /t --name n -w /made --read-only > "$WORK/ids"
  listed=$(awk '$1 == "*" { $1 = ""; $0 = $0 } $1 == "host" || $1 == "child" { print $2 }' <<< "$output" | sed -E 's/-[0-9]+$//')
  loading=$(head -n 5 <<< "$listed")
  [ "$(tr '\n' ' ' <<< "$loading")" = "open-archive read-manifest read-config unpack-layer commit " ] || fail "$loading"
  # The order of two mounts of the user's depends on the user.
  sort_mounts() { sed -E 's/-[0-9]+$//' | grep -vxE '(make-volume|make-source|fill-volume|volume|bind|tmpfs)'; }
  # What options of limits and devices bring.
  listed=$(grep -vxE 'memory-limit|cpu-limit|cpuset|pids-limit|given-devices|host-shm' <<< "$listed")
  # One list, two ways to read and write: a run has pipes, or with -t a terminal.
  without() { grep -vxE "$1"; }
  local terminal='terminal-socket|terminal|console|use-terminal|take-terminal' pipes='pipes|stdin|streams'
  diff <(tail -n +6 <<< "$listed" | sort_mounts | without "$terminal") <(sort_mounts < "$WORK/ids") ||
    fail "not the steps of a run"
  step_ids -t -v ./b:/b -v n:/n --tmpfs /t --name n -w /made --read-only > "$WORK/ids-t"
  diff <(tail -n +6 <<< "$listed" | sort_mounts | without "$pipes") <(sort_mounts < "$WORK/ids-t") ||
    fail "not the steps of a run with -t"
  while read -r family; do
    grep -qx "$family" <<< "$listed" || fail "$family is not listed"
  done < <(sed -E 's/-[0-9]+$//' "$WORK/ids")
}

@test "explain STEP: where it stands, its page, its file, and how to see it" {
  minirun explain pivot-root
  [ "$status" -eq 0 ]
  whole=$(tr -s '\n ' ' ' <<< "$output") # wrapped lines in one
  for words in '^pivot-root: ' 'A step of the child, [^.]*, after session, before detach\.' ' Why: chroot' ' Code: mount/pivot.cpp ' \
    ' sudo minirun --break-after pivot-root IMAGE ' ' sudo minirun --skip pivot-root IMAGE ' 'Left out: .* Step detach goes with it\.'; do
    grep -qE "$words" <<< "$whole" || fail "no $words"
  done
  minirun explain bind-7
  grep -qF -- '--skip bind-7 IMAGE' <<< "$output" || fail "another step's number"
  minirun explain bind
  grep -qF -- '--skip bind-1 IMAGE' <<< "$output" || fail "no number"
  minirun explain clone
  grep -qF "It can't be left out: without a child process" <<< "$(tr '\n' ' ' <<< "$output")" || fail "no reason"
  minirun explain commit
  grep -qF "while an image is loaded" <<< "$output" || fail "not said that it is the load's"
  exits 125 explain pivot
  [[ $stderr == *"no step pivot"*"did you mean pivot-root?"* ]] || fail "other words"
  exits 125 explain dir-3
  exits 125 explain $'evil\e[2J'
  [[ $stderr != *$'\e'* ]] || fail "it writes to the terminal"
  exits 125 explain proc sysfs
}

@test "explain WORD: the pages that are about it" {
  for pair in whiteout:unpack-layer layers:overlay digest:read-config 'pid 1:wait' copy-up:dir-upper capability:caps namespace:clone; do
    exits 0 explain "${pair%%:*}"
    grep -qE "^  ${pair#*:} " <<< "$output" || fail "${pair%%:*}: not ${pair#*:}: $output"
    ! grep -E '.{81}' <<< "$output" || fail "a line is too long"
  done
  exits 0 explain pid 1
  exits 125 explain whiteoutt
  [[ $stderr == *'no step whiteoutt, and no page tells of it'* ]] || fail
}

@test "a step, and a word, name the lessons that are about it; --debug=full too" {
  minirun explain pivot-root
  grep -qx 'Lesson: 6. chroot, and how to get out of it (lessons/06-chroot)' <<< "$output" || fail "a step"
  minirun explain scheduling
  ! grep -q '^Lesson' <<< "$output" || fail "a step that no lesson is about"
  minirun explain Whiteouts
  grep -q '^Lesson: 5\. ' <<< "$output" || fail "a term that a page explains"
  minirun explain close-fds
  ! grep -q '^Lesson' <<< "$output" || fail "a word that no lesson explains"
  minirun explain digest
  grep -q '^Lesson: 4\. Digests: .* (lessons/04-digest)$' <<< "$output" || fail "a word"
  grep -q '^  read-config ' <<< "$output" || fail "the pages"
  minirun --debug=full "$BUSYBOX" true
  sed -n '/ pivot-root  /,/result/p' <<< "$stderr" | grep -q '^ lesson  6. chroot, and how to get out of it; 9. pivot_root' ||
    fail "--debug=full: a step"
  sed -n '/ unpack-layer  /,/result/p' <<< "$stderr" | grep -q '^ lesson  4. Digests: .*; 5. Unpack' || fail "--debug=full: a load"
}

@test "every page can be read without root, and fits 80 columns" {
  for id in $("$MINIRUN" explain | awk '$1 == "*" { $1 = ""; $0 = $0 } $1 == "host" || $1 == "child" { print $2 }'); do
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$MINIRUN" explain "$id"
    [ "$status" -eq 0 ] || fail "$id"
    ! grep -E '.{81}' <<< "$output" || fail "$id: a line is too long"
  done
  run bash -c '"$0" explain proc > /dev/full' "$MINIRUN"
  [ "$status" -eq 125 ] || fail "a full disk is no error"
}

@test "what each page says to try can be typed as it stands" {
  mkdir "$WORK/bin"
  printf '#!/bin/sh\nexec "$@"\n' > "$WORK/bin/sudo"
  chmod 755 "$WORK/bin/sudo"
  ln -s "$MINIRUN" "$WORK/bin/minirun"
  cp "$BUSYBOX" "$WORK/IMAGE"
  count=0
  for page in "$top"/runner/tell/essays/*.txt; do
    id=$(basename "$page" .txt)
    sed -n '/^Try:$/,/^$/s/^    //p' "$page" > "$WORK/try"
    [ -s "$WORK/try" ] || fail "$id: nothing to try"
    outer '
      export PATH=$WORK/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      unset MINIRUN_ROOT
      mount -t tmpfs lib /var/lib
      timeout 20 bash try > tried 2>&1
      echo $? >> tried'
    # Something is shown, and no word of it is about a mistake in what was typed.
    [ "$(wc -l < "$WORK/tried")" -gt 1 ] || fail "$id: nothing to see"
    ! grep -iE 'command not found|invalid option|unrecognized|unknown option|usage:|syntax error|no command|needs root|fatal' "$WORK/tried" ||
      fail "$id: $(cat "$WORK/tried")"
    ! grep -qx 124 "$WORK/tried" || fail "$id: it takes too long"
    count=$((count + 1))
  done
  [ "$count" -gt 60 ] || fail "only $count pages"
}
