#!/usr/bin/env bats
# Case 82: what a process inherits without asking is not the caller's. What reaches a running program is.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016,SC2046

load helpers
load container

# "${as[@]}" ignored|blocked SIGNAL COMMAND...: becomes the command, as a caller starts it that has set the signal so.
as=(python3 -c '
import os, signal, sys
how, number = sys.argv[1], int(sys.argv[2])
# bash ignores INT and QUIT for what it starts in the background.
if how == "ignored": signal.signal(number, signal.SIG_IGN)
else: signal.signal(number, signal.SIG_DFL), signal.pthread_sigmask(signal.SIG_BLOCK, [number])
os.execvp(sys.argv[3], sys.argv[3:])')

# All that a caller can set: not KILL and STOP, nor 32 and 33, which the C library keeps. CHLD is for the runner itself.
signals() { seq 1 31 | grep -vxE '9|17|19'; echo 34 64; }

@test "a caller that ignores SIGCHLD gets the program's status, with a fresh image too" {
  run "${as[@]}" ignored 17 "$MINIRUN" "$BUSYBOX" sh -c 'exit 3'
  [ "$status" -eq 3 ] || fail "fresh: $output"
  run "${as[@]}" ignored 17 "$MINIRUN" "$BUSYBOX" sh -c 'sleep 0.1; exit 4'
  [ "$status" -eq 4 ] || fail "$output"
  run "${as[@]}" blocked 17 "$MINIRUN" "$BUSYBOX" sh -c 'exit 5'
  [ "$status" -eq 5 ] || fail "$output"
  nothing_is_left
}

# Sends the signal to the runner of a program that says which ones it gets.
send() { # HOW SIGNAL
  "${as[@]}" "$1" "$2" "$MINIRUN" --name "s$2" -v "$WORK/out:/out" "$BUSYBOX" sh -c '
    for n in $(seq 1 31) 34 64; do case $n in 9|17|19|32|33) ;; *) trap "echo got $n" $n ;; esac; done
    grep -E "^Sig(Blk|Ign)" /proc/self/status; echo ready > /out/$0; while [ ! -e /out/$0.end ]; do sleep 0.02; done' "$2" \
    > "$WORK/out/$2.said" 2>&1 3>&- &
  local runner=$!
  eventually test -s "$WORK/out/$2"
  kill -s "$2" $runner
  sleep 0.15
  touch "$WORK/out/$2.end"
  wait $runner || fail "signal $2: $(cat "$WORK/out/$2.said")"
  said=$(cat "$WORK/out/$2.said")
  [[ $said == *"SigBlk:"*"0000000000000000"*"SigIgn:"*"0000000000000000"* ]] || fail "signal $2 got in: $said"
}

@test "case 82: each signal that the caller ignores stays without effect, and is not ignored inside" {
  mkdir "$WORK/out"
  "$MINIRUN" load "$BUSYBOX"
  for signal in $(signals); do
    [ "$signal" != 13 ] || continue # minirun ignores SIGPIPE itself
    send ignored "$signal"
    [[ $said != *got* ]] || fail "signal $signal reached the program: $said"
  done
  nothing_is_left
}

@test "case 82: each signal that the caller blocks is passed on, and is not blocked inside" {
  mkdir "$WORK/out"
  "$MINIRUN" load "$BUSYBOX"
  for signal in $(signals); do
    [ "$signal" != 13 ] || continue
    send blocked "$signal"
    [[ $said == *"got $signal"* ]] || fail "signal $signal was lost: $said"
  done
  nothing_is_left
}

@test "a signal at any moment of a start ends it" {
  "$MINIRUN" load "$BUSYBOX"
  run python3 - "$MINIRUN" "$BUSYBOX" << 'END'
import collections, signal, subprocess, sys, time
seen = collections.Counter()
for turn in range(300):
    runner = subprocess.Popen([*sys.argv[1:3], "sleep", "30"], stderr=subprocess.PIPE)
    until = time.perf_counter() + 0.0002 + turn % 100 * 0.00006
    while time.perf_counter() < until: pass
    runner.send_signal(signal.SIGTERM)
    try: _, said = runner.communicate(timeout=10)
    except subprocess.TimeoutExpired: sys.exit(f"turn {turn}: the signal was lost")
    # by the kernel before minirun asks for it; by minirun; with the program
    if runner.returncode not in (-15, 143): sys.exit(f"turn {turn}: status {runner.returncode}: {said}")
    seen[said] += 1
print(seen)
END
  [ "$status" -eq 0 ] || fail "$output"
  nothing_is_left
}

@test "case 82: the caller's soft and hard limits don't get in, or a note says which ones do" {
  has_resource=$((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1))
  "$MINIRUN" "$BUSYBOX" cat /proc/self/limits | grep -v 'pending signals' > "$WORK/plain"
  for limit in '-n 64' '-v 1000000' '-f 100000' '-s 1024' '-u 100' '-c 0' '-l 64' '-q 1000' '-x 5' '-d 1000000' '-t 100'; do
    run --separate-stderr bash -c "ulimit -S $limit; exec \"\$@\"" bash "$MINIRUN" "$BUSYBOX" cat /proc/self/limits
    diff "$WORK/plain" <(grep -v 'pending signals' <<< "$output") || fail "soft $limit gets in"
    run --separate-stderr bash -c "ulimit $limit; exec \"\$@\"" bash "$MINIRUN" "$BUSYBOX" cat /proc/self/limits
    [ "$status" -eq 0 ] || fail "hard $limit"
    if [ "$has_resource" = 1 ]; then
      diff "$WORK/plain" <(grep -v 'pending signals' <<< "$output") || fail "hard $limit gets in"
    elif [[ $limit == -[nvfs]* ]]; then
      [[ $stderr == *"the caller's hard limits stay, since raising one takes CAP_SYS_RESOURCE: "* ]] || fail "hard $limit: not said"
    fi
  done
}

@test "case 82: nice, policy, processors, I/O class, personality, timer slack and coredump filter are a login's" {
  seen='cut -d" " -f18,19,40,41 /proc/self/stat; grep Cpus_allowed_list /proc/self/status
    cat /proc/self/personality /proc/self/timerslack_ns /proc/self/coredump_filter'
  new_rootfs
  cp /usr/bin/ionice "$ROOTFS/bin/" && cp --parents $(ldd /usr/bin/ionice | grep -oE '/[^ ]+') "$ROOTFS"
  ln -s busybox "$ROOTFS/bin/cut" && ln -s busybox "$ROOTFS/bin/grep"
  new_image
  plain=$("$MINIRUN" "$IMAGE" sh -c "$seen; ionice")
  [[ $plain == "20 0 0 0"* ]] || fail "not a login's: $plain"
  [[ $plain == *$'\n00000000\n50000\n00000033\nnone: prio 0' ]] || fail "not a login's: $plain"
  echo 0x7f > /proc/$BASHPID/coredump_filter
  echo 1000000 > /proc/$BASHPID/timerslack_ns
  changed=$(nice -n 5 taskset -c 0 ionice -c 2 -n 7 setarch -R "$MINIRUN" "$IMAGE" sh -c "$seen; ionice")
  [ "$changed" = "$plain" ] || fail "$changed instead of $plain"
  changed=$(chrt --batch 0 nice -n -5 "$MINIRUN" -u 1000 "$IMAGE" sh -c "$seen; ionice")
  [ "$changed" = "$plain" ] || fail "$changed instead of $plain"
}

@test "a missing source of -v is made 0755, and so is what lies above it, whatever the umask" {
  run bash -c 'umask 077; cd "$0"; "$1" -v ./a/b:/m "$2" stat -c "%a %u" /m' "$WORK" "$MINIRUN" "$BUSYBOX"
  [[ $output == *"755 0" ]] || fail "$output"
  [ "$(stat -c '%a %a' "$WORK/a" "$WORK/a/b" | sort -u)" = '755 755' ] || fail "$(stat -c %a "$WORK/a" "$WORK/a/b")"
}

@test "in a directory that was removed a relative source is refused, and nothing is made" {
  mkdir "$WORK/gone"
  cd "$WORK/gone"
  rmdir "$WORK/gone"
  for option in "-v ./x:/m" "--mount type=bind,source=x,target=/m" "-v .:/m"; do
    # shellcheck disable=SC2086  # two words
    minirun $option "$BUSYBOX" true
    says_no 'the directory that you stand in was removed'
  done
  minirun --root other images
  says_no 'the directory that you stand in was removed'
  cd /
  [ -z "$(find / -maxdepth 1 -name 'gone*')$(find "$WORK" -name '*deleted*')" ] || fail "something was made"
  minirun -v "$VICTIM:/m:ro" "$BUSYBOX" cat /m/sentinel
  [ "$output" = 'do not touch' ] || fail "an absolute source"
}

@test "case 82: descriptors, variables, groups, umask, keyring, oom_score_adj, terminal and securebits of the caller don't get in" {
  mkdir "$WORK/bin"
  cp "$top/build/probe" "$WORK/bin/"
  # In a terminal of its own, as script(1) makes one. The session keyring has a key of the caller's.
  cat > "$WORK/poisoned" << END
exec 7< /etc/shadow 8> /dev/null 9< /
export SECRET=word
umask 077
echo 700 > /proc/self/oom_score_adj
keyctl add user secret word @s > /dev/null 2>&1
exec setpriv --groups 4,24,27 --securebits +no_setuid_fixup "$MINIRUN" -v "$WORK/bin:/made:ro" "$BUSYBOX" sh -c '
  /made/probe inherited; env; umask; id -G; cat /proc/self/oom_score_adj; grep -c secret /proc/keys || :'
END
  run script -qec "bash '$WORK/poisoned'" /dev/null
  [ "$status" -eq 0 ] || fail
  tr -d '\r' <<< "$output" > "$WORK/seen"
  for line in 'securebits 0' 'dumpable 1' 'terminal ENXIO' 'fd 0' 'fd 1' 'fd 2' 0022 0; do
    grep -qxF "$line" "$WORK/seen" || fail "no line: $line: $(cat "$WORK/seen")"
  done
  ! grep -E '^fd [3-9]|^fd ..|SECRET|(^| )(4|24|27)( |$)' "$WORK/seen" || fail "that got in"
}
