#!/usr/bin/env bats
# Who gets a signal that comes to minirun, and how a container is asked to end. What the caller ignores or blocks: caller.bats.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

# begin OPTION... -- SCRIPT: a shell in a container; it has said "ready".
begin() {
  local before=()
  while [ "$1" != -- ]; do before+=("$1") && shift; done
  rm -f "$WORK/said"
  # What bash starts with & has INT and QUIT ignored.
  env --default-signal "$MINIRUN" "${before[@]}" "${IMAGE:-$BUSYBOX}" sh -c "$2" > "$WORK/said" 2> "$WORK/err" 3>&- &
  runner=$!
  eventually grep -qs ready "$WORK/said"
}

# ends_with STATUS [TEXT]: it does, within some seconds, and has said the text.
ends_with() {
  status=0
  timeout 10 tail --pid "$runner" -f /dev/null || fail "it goes on: $(cat "$WORK/said" "$WORK/err")"
  wait "$runner" || status=$?
  [ "$status" -eq "$1" ] || fail "status $status instead of $1: $(cat "$WORK/said" "$WORK/err")"
  [ -z "${2-}" ] || grep -qx "$2" "$WORK/said" || fail "not said: $2: $(cat "$WORK/said")"
  nothing_is_left
}

loop='echo ready; while :; do sleep 0.05; done'

@test "TERM is the image's StopSignal to the program; --stop-signal is before it" {
  new_rootfs
  new_image '"StopSignal":"SIGQUIT"'
  begin -- "trap 'echo quit; exit 3' QUIT; trap 'echo int; exit 4' INT; $loop"
  kill -TERM $runner
  ends_with 3 quit
  begin --stop-signal int -- "trap 'echo quit; exit 3' QUIT; trap 'echo int; exit 4' INT; $loop"
  kill -TERM $runner
  ends_with 4 int
  # A program that does nothing about it ends at once, and as one that TERM ended.
  begin -- 'echo ready; exec sleep 61'
  kill -TERM $runner
  ends_with 143
  new_image '"StopSignal":"SIGNONSENSE"'
  begin -- "trap 'echo term; exit 5' TERM; $loop"
  kill -TERM $runner
  ends_with 5 term
  grep -q "StopSignal SIGNONSENSE is no signal; TERM is used" "$WORK/err" || fail "not said: $(cat "$WORK/err")"
}

@test "who goes on after TERM gets KILL after --stop-timeout, 137; with -1 it is waited for" {
  begin --stop-timeout 1 -- "trap 'echo no' TERM; $loop"
  kill -TERM $runner
  sleep 0.5
  kill -0 $runner || fail "it was killed before its time"
  ends_with 137 no
  begin --stop-timeout 0 -- "trap : TERM; $loop"
  kill -TERM $runner
  ends_with 137
  begin --stop-timeout -1 -- "trap 'sleep 2; exit 6' TERM; $loop"
  kill -TERM $runner
  ends_with 6
}

@test "--sig-proxy=false: INT, HUP and QUIT ask for the end too, and no other signal gets in" {
  for signal in INT HUP QUIT TERM; do
    begin --sig-proxy=false -- "trap 'echo term; exit 7' TERM; trap 'echo in' INT HUP QUIT USR1; $loop"
    kill -USR1 $runner
    sleep 0.1
    kill -s $signal $runner
    ends_with 7 term
    ! grep -qx in "$WORK/said" || fail "a signal got in"
  done
  begin --sig-proxy -- "trap 'echo in; exit 8' USR1; $loop"
  kill -USR1 $runner
  ends_with 8 in
}

@test "a stop signal or timeout that is none is refused" {
  for wrong in '--stop-signal NOSUCH' '--stop-signal 0' '--stop-signal 65' '--stop-signal RTMIN+31' '--stop-timeout x' \
    '--stop-timeout -2' '--stop-timeout 1.5' '--sig-proxy=maybe'; do
    # shellcheck disable=SC2086
    minirun $wrong "$BUSYBOX" true
    says_no "${wrong%%[= ]*}"
  done
}

@test "--init: pid 1 is a small init that reaps 10,000 orphans, and the status is the program's" {
  run -9 timeout $((60 * ${SLOW:-1})) "$MINIRUN" --init "$BUSYBOX" sh -c '
    [ $$ -ne 1 ] || exit 1
    i=0; while [ $i -lt 10000 ]; do (true &); i=$((i + 1)); done
    sleep 0.3; [ "$(ls /proc | grep -c "^[0-9]")" -lt 8 ] || exit 2
    cat /proc/1/comm; exit 9'
  [ "$output" = init ] || fail "$output"
  run -137 timeout $((60 * ${SLOW:-1})) "$MINIRUN" --init "$BUSYBOX" sh -c 'kill -KILL $$'
  exits 127 --init "$BUSYBOX" no-such-program
  exits 126 --init "$BUSYBOX" /etc
  nothing_is_left
}

@test "--init: signals are passed on, with their default effect, and what is left ends with the program" {
  begin --init -- "trap 'echo usr1; exit 6' USR1; $loop"
  kill -USR1 $runner
  ends_with 6 usr1
  begin --init -- 'echo ready; exec sleep 62'
  kill -TERM $runner
  ends_with 143
  run -0 timeout 20 "$MINIRUN" --init "$BUSYBOX" sh -c 'sleep 63 & echo over'
  [ "$output" = over ] || fail "$output"
  nothing_is_left
}

@test "--init has no more power than the program, and its file is no file of the host" {
  run -0 "$MINIRUN" --init -u 1000 "$BUSYBOX" sh -c 'grep -E "^(Uid|Cap(Prm|Bnd)|Seccomp|NoNewPrivs):" /proc/1/status > /tmp/1
    grep -E "^(Uid|Cap(Prm|Bnd)|Seccomp|NoNewPrivs):" /proc/self/status | cmp - /tmp/1 && readlink /proc/1/exe; ls /proc/1/fd | wc -l'
  [[ ${lines[0]} == /memfd:minirun* ]] || fail "$output"
  [ "${lines[1]}" -le 4 ] || fail "$output"
}

@test "--init at a terminal: Ctrl-C comes once, and job control works" {
  "$MINIRUN" load "$BUSYBOX"
  run -0 --separate-stderr timeout 60 python3 "$BATS_TEST_DIRNAME/terminal.py" init "$MINIRUN"
}

@test "the script that is printed for --init and a stop signal does the same" {
  load script
  new_rootfs
  new_image '"StopSignal":"SIGQUIT"'
  print_script "$WORK/script" --init "$IMAGE" sh -c '[ $$ -ne 1 ] && exit 9'
  run -9 --separate-stderr timeout 60 sh "$WORK/script"
  print_script "$WORK/script" "$IMAGE" sh -c "trap 'echo quit; exit 3' QUIT; $loop"
  rm -f "$WORK/said"
  env --default-signal sh "$WORK/script" > "$WORK/said" 2> "$WORK/err" 3>&- &
  runner=$!
  eventually grep -qs ready "$WORK/said"
  kill -TERM $runner
  ends_with 3 quit
}
