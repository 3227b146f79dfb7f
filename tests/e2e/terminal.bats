#!/usr/bin/env bats
# -t: a terminal of the container's own. What a person sees at it is in terminal.py, a scene for each promise.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016,SC2034

load helpers
load container

# Plays a scene; it says what it waited for in vain.
scene() {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  ran="scene $1"
  run --separate-stderr timeout 120 python3 "$BATS_TEST_DIRNAME/terminal.py" "$1" "$MINIRUN"
  [ "$status" -eq 0 ] || fail "$1"
  nothing_is_left
}

@test "-it: an interactive shell, with line editing, job control, Ctrl-C, and no echo twice" { scene shell; }

@test "-it: UTF-8, escape sequences and a paste of 200 lines come through unharmed" { scene bytes; }

@test "-it: vi, less and top draw their screens and take keys" { scene programs; }

@test "-it: the terminal has the caller's size from the start, and follows it" { scene size; }

@test "-it: Ctrl-C and Ctrl-\\ end a program that does nothing about them, and reach one that does" { scene interrupt; }

@test "-it: the caller's terminal is restored on every way out: a signal, a program that can't be run, a step that fails" {
  scene ways_out
}

@test "-it: while minirun is stopped the shell has its terminal; after fg it is raw again" { scene stopped; }

@test "-it in the background is stopped, as any program that wants the terminal" { scene background_terminal; }

@test "without -t, Ctrl-Z stops the program and fg lets it go on" { scene ctrl_z; }

@test "-it: when the window is closed the program is told, and nothing is left" { scene hangup; }

@test "-i with -t needs a terminal; -t alone works with output into a file or a pipe, all of it" {
  minirun -it "$BUSYBOX" true < /dev/null
  says_no 'standard input is none'
  "$MINIRUN" -t "$BUSYBOX" sh -c 'test -t 0 && test -t 1 && test -t 2 && echo "a terminal"' > "$WORK/file"
  [ "$(cat "$WORK/file")" = $'a terminal\r' ] || fail "$(cat "$WORK/file")"
  # The kernel hangs the terminal up when its session's leader ends, and what was written is not lost.
  run -0 timeout 60 bash -c '"$0" -t "$1" seq 100000 | { sleep 1; wc -l; }' "$MINIRUN" "$BUSYBOX"
  [ "$output" -eq 100000 ] || fail "$output lines"
  nothing_is_left
}

@test "TERM is the caller's with -t, or xterm; the image's wins, and -e wins over both" {
  [ "$(TERM=vt220 "$MINIRUN" -t "$BUSYBOX" sh -c 'echo $TERM')" = $'vt220\r' ] || fail "the caller's"
  [ "$(env -u TERM "$MINIRUN" -t "$BUSYBOX" sh -c 'echo $TERM')" = $'xterm\r' ] || fail "none"
  [ "$(TERM=vt220 "$MINIRUN" -t -e TERM=ansi "$BUSYBOX" sh -c 'echo $TERM')" = $'ansi\r' ] || fail "-e"
  [ -z "$(TERM=vt220 "$MINIRUN" "$BUSYBOX" sh -c 'echo $TERM')" ] || fail "without -t"
  new_rootfs
  new_image '"Env":["TERM=dumb"]'
  [ "$(TERM=vt220 "$MINIRUN" -t "$IMAGE" sh -c 'echo $TERM')" = $'dumb\r' ] || fail "the image's"
}

@test "the terminal belongs to the program's user, and to nobody else's group" {
  run -0 "$MINIRUN" -t -u 1000 "$BUSYBOX" sh -c 'stat -c "%u %a %t" /dev/pts/0 /dev/console; echo x > /dev/tty; echo y > /dev/stdout'
  [ "${lines[0]}" = $'1000 620 88\r' ] || fail "$output"
  [ "${lines[1]}" = $'1000 620 88\r' ] || fail "$output"
  [ "${lines[2]}${lines[3]}" = $'x\ry\r' ] || fail "$output"
}

@test "an image that has links at /dev/pts, /dev/ptmx or /dev/console leads nowhere" {
  new_rootfs
  mkdir "$ROOTFS/dev"
  ln -s "$VICTIM" "$ROOTFS/dev/pts"
  ln -s "$VICTIM/sentinel" "$ROOTFS/dev/console"
  ln -s "$VICTIM/sentinel" "$ROOTFS/dev/ptmx"
  new_image
  [ "$("$MINIRUN" -t "$IMAGE" sh -c 'echo x > /dev/console; [ -c /dev/ptmx ] && echo device')" = $'x\r\ndevice\r' ] || fail "not a terminal"
  victim_is_unchanged
}

@test "a reader that has gone ends the program's terminal; the status is the program's" {
  run -0 timeout 20 bash -c '"$0" -t "$1" sh -c "trap : HUP; while echo x 2> /dev/null; do :; done; exit 9" | head -n 1; exit $((${PIPESTATUS[0]} - 9))' "$MINIRUN" "$BUSYBOX"
  nothing_is_left
}

@test "200 MB through the terminal need no more memory" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  timeout $((60 * ${SLOW:-1})) "$MINIRUN" -t busybox-static:1 sh -c 'stty raw; dd if=/dev/zero bs=64k count=3200 2> /dev/null' > >(wc -c > "$WORK/count") &
  local timeout=$! runner='' most=0 now
  started() { runner=$(pgrep -ox minirun -P $timeout); }
  eventually started || fail "it does not begin"
  while now=$(awk '/^VmRSS/ { print $2 }' "/proc/$runner/status" 2> /dev/null) && [ -n "$now" ]; do
    [ "$now" -le "$most" ] || most=$now
    sleep 0.05
  done
  wait $timeout
  sleep 0.2
  [ "$(cat "$WORK/count")" -eq $((3200 * 65536)) ] || fail "$(cat "$WORK/count") bytes"
  [ "$most" -gt 0 ] && [ "$most" -lt $((16384 * ${MEMORY_FACTOR:-1})) ] || fail "$most KiB"
}

@test "the steps of -t make the calls that they declare, and no other that changes anything" {
  every_step
  rm -f "$WORK"/strace.*
  strace -ff -s 4096 -o "$WORK/strace" timeout $((60 * ${SLOW:-1})) "$MINIRUN" -t --trace "$WORK/trace" "${options[@]}" "$IMAGE" true > "$WORK/out"
  run -0 python3 "$BATS_TEST_DIRNAME/truth.py" "$WORK/trace" "$WORK/strace"
  strace -ff -s 4096 -o "$WORK/strace2" script -qec "'$MINIRUN' -it --trace '$WORK/trace2' '$IMAGE' true" /dev/null > "$WORK/out"
  rm -f "$(grep -l '"/usr/bin/script"' "$WORK"/strace2.* | head -n 1)" # script(1) itself
  run -0 python3 "$BATS_TEST_DIRNAME/truth.py" "$WORK/trace2" "$WORK/strace2"
}

@test "each step of -t that fails is named, with what to do, and everything is undone" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  fails() { # STEP REGEX STRACE-OPTION...: in a start with these options
    local step=$1 regex=$2
    shift 2
    run --separate-stderr timeout 60 strace -f -o /dev/null "$@" "$MINIRUN" -t busybox-static:1 true
    says_no "step $step: "
    [[ $stderr =~ hint:\ .*$regex ]] || fail "no hint that matches: $regex"
    nothing_is_left
  }
  fails terminal-socket 'ulimit -n' -e trace=socketpair -e inject=socketpair:error=EMFILE:when=1
  fails terminal '/proc/sys/kernel/pty/nr' -P /dev/pts/ptmx -e trace=openat2 -e inject=openat2:error=ENOSPC
  fails terminal 'ulimit -n' -e trace=sendmsg -e inject=sendmsg:error=EMFILE
  fails take-terminal 'ulimit -n' -e trace=recvmsg -e inject=recvmsg:error=EMFILE
  minirun --yes-break-it --skip session -t busybox-static:1 true
  [[ $stderr == *'step use-terminal: '*'hint: only the leader of a session'* ]] || fail "session"
  minirun --yes-break-it --skip devpts -t busybox-static:1 true
  [[ $stderr == *'step terminal: '*'hint: a terminal needs step devpts'* ]] || fail "devpts"
  nothing_is_left
}

@test "the script that is printed for -it gives the program a terminal, and its status" {
  load script
  new_rootfs
  ln -s busybox "$ROOTFS/bin/stty"
  ln -s busybox "$ROOTFS/bin/tty"
  new_image
  print_script "$WORK/script" -it "$IMAGE" sh -c 'test -t 0 && test -t 2 && echo x > /dev/tty && exit 8'
  run -8 timeout 60 script -qec "sh '$WORK/script'" /dev/null
  [[ $output == *$'x\r'* ]] || fail "$output"
  nothing_of_the_script_is_left
}

@test "help and hints fit the terminal; in a file a hint is one line" {
  widest() { tr -d '\r' | awk '{ if (length($0) > most) most = length($0) } END { print most }'; }
  [ "$(script -qec "stty cols 80; '$MINIRUN' help" /dev/null | widest)" -le 80 ] || fail "help"
  [ "$(script -qec "stty cols 60; '$MINIRUN' --link x IMAGE" /dev/null | widest)" -le 60 ] || fail "a hint"
  minirun --cap-add chwon "$BUSYBOX" true
  [ "$(wc -l <<< "$stderr")" -eq 2 ] || fail "not two lines"
}
