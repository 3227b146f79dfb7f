#!/usr/bin/env bats
# What the program reads and writes goes through pipes of its own: nothing of the caller's is inside, nothing is lost.

# bats sets output, status and stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

# on_terminal COMMAND...: on a terminal of its own; its output, without carriage returns.
on_terminal() {
  timeout 60 python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' "$@" | tr -d '\r'
}

@test "on a terminal, 0, 1 and 2 inside are no terminal, and none of them reads what was typed for the shell" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  seen=$(on_terminal "$MINIRUN" -i busybox-static:1 sh -c 'for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; readlink /proc/self/fd/$fd; done')
  [ "$(grep -c '^pipe:' <<< "$seen")" -eq 3 ] || fail "$seen"
  # What is typed waits for the shell that comes after the container.
  seen=$(printf 'typed\n' | on_terminal sh -c '"$0" busybox-static:1 sh -c "head -n 1 <&2; stty raw <&2" 2>&1; read y; echo "shell: $y"' "$MINIRUN")
  [[ $seen == *'shell: typed'* && $seen == *'stty: '*' ioctl '* ]] || fail "$seen"
}

@test "the program's user may open /dev/stdin, /dev/stdout and /dev/stderr again" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  echo typed > "$WORK/in"
  minirun -u 1000 -i busybox-static:1 sh -c 'cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr; exit 5' < "$WORK/in"
  [ "$status" -eq 5 ] || fail "status"
  [ "$output" = $'typed\nout' ] || fail "$output"
  [ "$stderr" = err ] || fail "$stderr"
}

@test "opening /dev/stdout again doesn't begin the caller's file anew" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  echo before > "$WORK/log"
  "$MINIRUN" busybox-static:1 sh -c 'echo one; echo two > /dev/stdout; echo three' >> "$WORK/log"
  [ "$(tr '\n' ' ' < "$WORK/log")" = 'before one two three ' ] || fail "$(cat "$WORK/log")"
  { echo before; "$MINIRUN" busybox-static:1 sh -c 'echo one; echo two > /dev/stdout; echo three'; echo after; } > "$WORK/log"
  [ "$(tr '\n' ' ' < "$WORK/log")" = 'before one two three after ' ] || fail "$(cat "$WORK/log")"
}

@test "the caller's standard streams may be files, FIFOs, sockets, devices, or closed" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  echo text > "$WORK/file"
  mkfifo "$WORK/fifo"
  [ "$("$MINIRUN" -i busybox-static:1 cat < "$WORK/file")" = text ] || fail "a file"
  cat "$WORK/file" > "$WORK/fifo" &
  [ "$(timeout 20 "$MINIRUN" -i busybox-static:1 cat < "$WORK/fifo")" = text ] || fail "a FIFO"
  [ -z "$("$MINIRUN" -i busybox-static:1 cat < /dev/null)" ] || fail "/dev/null"
  run -0 timeout 20 bash -c '"$0" -i busybox-static:1 sh -c "cat; echo end" <&-' "$MINIRUN"
  [ "$output" = end ] || fail "stdin closed: $output"
  timeout 20 cat "$WORK/fifo" > "$WORK/copy" &
  local reader=$!
  timeout 20 "$MINIRUN" busybox-static:1 echo out > "$WORK/fifo"
  wait $reader
  [ "$(cat "$WORK/copy")" = out ] || fail "out to a FIFO"
  "$MINIRUN" busybox-static:1 echo out > /dev/null
  # As a unit of systemd's has it: a socket that can't be opened again from outside.
  run -0 timeout 20 python3 -c '
import socket, subprocess, sys
ours, theirs = socket.socketpair()
ours.sendall(b"typed\n"), ours.shutdown(socket.SHUT_WR)
run = subprocess.run([sys.argv[1], "-i", "busybox-static:1", "sh", "-c", "cat; echo again > /dev/stdout"], stdin=theirs, stdout=theirs)
theirs.close()
said = b""
while more := ours.recv(4096): said += more
sys.exit(0 if said == b"typed\nagain\n" and run.returncode == 0 else f"{said} {run}")' "$MINIRUN"
}

@test "a closed stdout ends the writer; the status is the program's, and minirun says nothing" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  run --separate-stderr timeout 20 bash -c '"$0" busybox-static:1 sh -c "yes; echo \$? >&2; exit 7" >&-' "$MINIRUN"
  [ "$status" -eq 7 ] || fail "status"
  [[ $stderr != *minirun* ]] || fail "$stderr"
  run --separate-stderr timeout 20 bash -c '"$0" busybox-static:1 sh -c "yes; exit 7" | head -n 1; exit ${PIPESTATUS[0]}' "$MINIRUN"
  [ "$status" -eq 7 ] || fail "status"
  [ "$output" = y ] || fail "$output"
  # It is noticed at once, and not with the next line.
  run --separate-stderr timeout 20 bash -c '"$0" busybox-static:1 sh -c "echo first; sleep 1; echo second; echo \$? >&2" | head -n 1' "$MINIRUN"
  [[ $stderr == *'roken pipe'* ]] || fail "$stderr"
}

@test "the end of the program's output, and of its input, is passed on while it runs" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  mkfifo "$WORK/fifo"
  # No timeout(1) here: it would hold the pipe too.
  { cat "$WORK/fifo"; echo ended; } >> "$WORK/out" &
  "$MINIRUN" busybox-static:1 sh -c 'exec >&-; sleep 2; echo over >&2' > "$WORK/fifo" 2>> "$WORK/out"
  [ "$(tr '\n' ' ' < "$WORK/out")" = 'ended over ' ] || fail "the reader was not told before the end: $(cat "$WORK/out")"
  { yes > "$WORK/fifo" || true; echo ended; } 2> /dev/null >> "$WORK/in" &
  "$MINIRUN" -i busybox-static:1 sh -c 'exec <&-; sleep 2; echo over >&2' < "$WORK/fifo" 2>> "$WORK/in"
  [ "$(tr '\n' ' ' < "$WORK/in")" = 'ended over ' ] || fail "the writer was not told before the end: $(cat "$WORK/in")"
}

@test "nothing is lost when the program ends before its output is read" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  run -0 timeout 30 bash -c '"$0" busybox-static:1 seq 10000 | { sleep 1; cat; }' "$MINIRUN"
  [ "${#lines[@]}" -eq 10000 ] || fail "${#lines[@]} lines"
  run -0 timeout 30 bash -c '"$0" busybox-static:1 sh -c "seq 300000 >&2" 2>&1 > /dev/null | tail -n 1' "$MINIRUN"
  [ "$output" = 300000 ] || fail "$output"
}

@test "who holds the pipe in the background doesn't keep minirun waiting: with pid 1 all ends" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  run -0 timeout 20 "$MINIRUN" busybox-static:1 sh -c 'sleep 60 & echo done'
  [ "$output" = 'done' ] || fail "$output"
}

@test "a reader that never reads: the program waits, a signal ends it, and minirun needs no more memory" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  mkfifo "$WORK/fifo"
  exec 7<> "$WORK/fifo"
  "$MINIRUN" busybox-static:1 yes > "$WORK/fifo" 7>&- 2> "$WORK/err" &
  local runner=$!
  sleep 0.7
  kill -0 $runner || fail "it ended: $(cat "$WORK/err")"
  [ "$(awk '/^VmRSS/ { print $2 }' /proc/$runner/status)" -lt $((16384 * ${MEMORY_FACTOR:-1})) ] || fail "$(grep VmRSS /proc/$runner/status)"
  kill -TERM $runner
  sleep 0.3
  # The rest of the output would wait for the reader; who asks a second time wants the end.
  kill -TERM $runner 2> /dev/null || true
  status=0
  wait $runner || status=$?
  exec 7>&-
  [ "$status" -eq 143 ] || fail "status $status"
  nothing_is_left
}

@test "no room for the output: the program gets a broken pipe, and minirun says why" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  mkdir "$WORK/small"
  mount -t tmpfs -o size=64k small "$WORK/small"
  run --separate-stderr timeout 20 bash -c '"$0" busybox-static:1 sh -c "yes > /dev/stdout; exit 6" > "$1/small/log"' "$MINIRUN" "$WORK"
  umount "$WORK/small"
  [ "$status" -eq 6 ] || fail "status"
  [[ $stderr == *'standard output took no more'*'No space left'* ]] || fail "$stderr"
}

@test "in the background of a shell, -i doesn't steal what is typed for the shell" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  run -0 timeout 60 python3 "$BATS_TEST_DIRNAME/terminal.py" background "$MINIRUN"
}

@test "output and errors keep their order where they go to one place, and go to two where they are two" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  for turn in 1 2 3 4 5; do
    run -0 "$MINIRUN" busybox-static:1 sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo $i >&2; done'
    [ "$(tr -d '\n' <<< "$output")" = 112233445566778899 ] || fail "turn $turn: $output"
  done
  minirun busybox-static:1 sh -c 'echo out; echo err >&2'
  [ "$output $stderr" = 'out err' ] || fail "not apart"
}

@test "bytes come through unharmed, both ways, through each kind of stream" {
  "$MINIRUN" load "$BUSYBOX" > /dev/null
  head -c 3000000 /dev/urandom > "$WORK/bytes"
  for way in '< "$W/bytes" > "$W/copy"' '< "$W/bytes" >> "$W/copy"' '< <(cat "$W/bytes") > >(cat > "$W/copy")'; do
    rm -f "$WORK/copy"
    W=$WORK timeout 60 bash -c "\"\$0\" -i busybox-static:1 cat $way; sleep 0.2" "$MINIRUN"
    cmp "$WORK/bytes" "$WORK/copy" || fail "$way"
  done
}
