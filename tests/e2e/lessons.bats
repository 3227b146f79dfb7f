#!/usr/bin/env bats
# The lessons are true: each start fails, each solution passes, each page prints what it says; and the lab does what it says.
# A lesson is tested by existing. ONLY=3 tests one alone. Its wrong answers are in lessons_wrong.bats.

# shellcheck disable=SC2154,SC2034  # bats sets output and status; helpers.bash uses ran
load helpers
load lessons

@test "each lesson has its parts" { for_lessons parts; }
@test "what lessons name is there, and names them: steps, links" { for_lessons references; }
@test "each start fails, with a hint: lessons 1 to 6" { for_lessons start_fails 1 6; }
@test "each start fails, with a hint: lessons 7 to 11" { for_lessons start_fails 7 11; }
@test "each start fails, with a hint: lessons 12 to 15" { for_lessons start_fails 12 15; }
@test "each start fails, with a hint: from lesson 16" { for_lessons start_fails 16; }
@test "each solution passes, and leaves nothing: lessons 1 to 6" { for_lessons solution_passes 1 6; }
@test "each solution passes, and leaves nothing: lessons 7 to 11" { for_lessons solution_passes 7 11; }
@test "each solution passes, and leaves nothing: lessons 12 to 15" { for_lessons solution_passes 12 15; }
@test "each solution passes, and leaves nothing: from lesson 16" { for_lessons solution_passes 16; }
@test "each page prints what stands there: lessons 1 to 6" { for_lessons page_is_true 1 6; }
@test "each page prints what stands there: lessons 7 to 11" { for_lessons page_is_true 7 11; }
@test "each page prints what stands there: lessons 12 to 15" { for_lessons page_is_true 12 15; }
@test "each page prints what stands there: from lesson 16" { for_lessons page_is_true 16; }

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
