#!/usr/bin/env bats
# Lesson 14: run.sh sets limits on a container's memory, processes and time, by cgroups of version 2 or 1.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 022
  base=$((1000 + RANDOM)) size=$((32 + RANDOM % 16)) most=$((8 + RANDOM % 12)) percent=$((10 + RANDOM % 15)) kills=$((1 + RANDOM % 3))
  export STORE=$dir/store
  cc -o pivot pivot.c -lutil > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -p "$dir/1/bin"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep cat dd seq; do ln -s busybox "$dir/1/bin/$name"; done
  make_image "$dir/image.tar" new '{"Cmd":["sh"],"Env":["PATH=/bin"]}' "$dir/1"
  # A bomb, which the limit has to stop, and then something that stays.
  start_student ./run.sh run -m "${size}m" --pids-limit "$most" "$dir/image.tar" sh -c \
    "(for i in \$(seq 40); do sleep 2$base & done) 2> /dev/null; exec sleep 3$base"
  find_process sleep "3$base"
  target=$found
  ./run.sh run --cpus "0.$percent" "$dir/image.tar" sh -c "while :; do :; done; sleep 4$base" < /dev/null > "$dir/busy.out" 2> "$dir/busy.err" 3>&- 4>&- &
  find_process sh -c "while :; do :; done; sleep 4$base"
  busy=$found
  : > "$dir/ids"
  remember "$target"
  remember "$busy"
  export base size most percent kills target busy
}

# A group outlives the room, and other checks may run beside this one. So those of our containers are removed, by name.
teardown_file() {
  local group
  stop "$target" "$busy"
  for group in $(groups_now); do
    xargs -r kill -KILL < "$group/cgroup.procs"
    for _ in 1 2 3 4 5; do ! rmdir "$group" 2> /dev/null || break; sleep 0.1; done
  done
}

# end [PID...]: the container's process alone, so that whoever waits for it learns of its end and removes the group after it.
end() { kill -KILL "$@" 2> /dev/null || true; }

# remember [PID]: the container's id, which is its host name.
remember() { [ -z "$1" ] || nsenter -t "$1" -u hostname >> "$BATS_FILE_TMPDIR/ids"; }
# find fails when a group that has nothing to do with us ends while it looks.
groups_now() { sort -u "$BATS_FILE_TMPDIR/ids" | while read -r id; do find /sys/fs/cgroup -type d -name "run-$id" 2> /dev/null || true; done; }
run_sh() { student 15 ./run.sh run "$@"; }
image() { echo "$BATS_FILE_TMPDIR/image.tar"; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
where() { "$LAB_LESSON/start/where.sh" "$@"; }
# The first of the files that this version of cgroups has.
content() { cat "$1/$2" 2> /dev/null || cat "$1/$3" 2> /dev/null || true; }

# in_group PID CONTROLLER: the process has another group than we. Sets group.
in_group() {
  group=$(where "$1" "$2")
  [ "$group" != "$(where $$ "$2")" ] || bad "a group of its own" "$group" \
    "that is the group of whoever called run.sh$(find /sys/fs/cgroup -type d -name "run-$(nsenter -t "$1" -u hostname)" -printf ', and %p has nobody in it' -quit): a process enters a group when its number is written into cgroup.procs there"
}

@test "predict.txt says what you expected" {
  predicted "does the shell go on, after a program that it started took too much?" yes no
}

@test "run.sh run -m ${size}m: a group of its own, with this limit" {
  [ -n "$target" ] || bad "a process: sleep 3$base" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/errors")" \
    "try it: sudo ./run.sh run -m 32m ../examples/busybox.tar.gz sleep 60. If a fork fails in the script itself: it went into the group too early"
  in_group "$target" memory
  same "$((size * 1024 * 1024))" "$(content "$group" memory.max memory.limit_in_bytes)" "write ${size}m into memory.max (v2) or memory.limit_in_bytes (v1) of $group"
}

@test "--cpus 0.$percent: it waits, and gets $percent % of the time" {
  [ -n "$busy" ] || bad "a process that loops" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/busy.err")" "try it: sudo ./run.sh run --cpus 0.2 ../examples/busybox.tar.gz sh -c 'while :; do :; done'"
  in_group "$busy" cpu
  max=$(content "$group" cpu.max /dev/null)
  [ -n "$max" ] || max="$(cat "$group/cpu.cfs_quota_us") $(cat "$group/cpu.cfs_period_us")"
  seen=$(awk '{ if ($1 + 0 <= 0) print "no limit"; else printf "%.0f %%\n", 100 * $1 / $2 }' <<< "$max")
  same "$percent %" "$seen" "the quota and the period, in microseconds, are: $max. 0.$percent is a quota of ${percent}000 in each 100000"
  before=$(ticks) sleep=2
  sleep "$sleep"
  used=$((($(ticks) - before) * 100 / (sleep * $(getconf CLK_TCK))))
  [ "$used" -le $((percent + 10)) ] || bad "$percent % of a processor" "$used %" "the limit is there, and the process is not in the group"
  grep -q 'nr_throttled [1-9]' "$group/cpu.stat" || bad "nr_throttled 1 or more" "$(cat "$group/cpu.stat")" "it loops, and never had to wait"
  end "$busy"
}
ticks() { sed 's/.*) //' "/proc/$busy/stat" | awk '{ print $12 + $13 }'; } # user and system time

@test "who takes more is killed, and run.sh says how many were" {
  runs
  run_sh -m "${size}m" "$(image)" sh -c "read -r id < /proc/sys/kernel/hostname; echo \$id; for i in \$(seq $kills); do dd if=/dev/zero of=/dev/null bs=90M count=1; done; exit 3"
  head -n 1 <<< "$output" >> "$BATS_FILE_TMPDIR/ids"
  [ "$(grep -c Killed <<< "$errors")" = "$kills" ] || bad "dd is killed" "$errors" "it took 90 megabytes of memory and was not killed: with swap it may have more than memory.max, see memory.swap.max"
  same 3 "$status" "the shell went on and ended with 3: that is the container's status"
  said=$(grep '^run.sh: out of memory' <<< "$errors" || true)
  same "run.sh: out of memory: the kernel killed $kills" "$said" \
    "the kernel counts: oom_kill in memory.events (v2) or in memory.oom_control (v1). Read it after the end, before the group is removed"
}

@test "and says nothing when nobody was killed" {
  runs
  run_sh -m "${size}m" --pids-limit 7 "$(image)" cat /proc/self/cgroup /proc/sys/kernel/hostname
  tail -n 1 <<< "$output" >> "$BATS_FILE_TMPDIR/ids"
  same 0 "$(grep -c 'out of memory' <<< "$errors" || true)" "oom_kill is 0: there is nothing to say"
  # For the last test but one.
  echo "$output" > "$BATS_FILE_TMPDIR/inside"
}

@test "--pids-limit $most: the bomb went off, and there are $most processes" {
  runs
  in_group "$target" pids
  same "$most" "$(cat "$group/pids.max")" "write $most into pids.max of $group"
  now=$(cat "$group/pids.current")
  # The loop itself has ended: it was the one more than the sleeps and the first.
  [ "$now" -le "$most" ] && [ "$now" -ge $((most - 1)) ] || bad "$most, or one less" "$now" "pids.current says how many are in the group. Those that began before the limit was there don't count against it"
  grep -q 'max [1-9]' "$group/pids.events" || bad "pids.events: max 1 or more" "$(cat "$group/pids.events")" "fork(2) never failed"
}

@test "inside, its group looks like the top" {
  runs
  [ "$(namespace cgroup "$target")" != "$(namespace cgroup)" ] || bad "another number than the host's" "$(namespace cgroup "$target")" \
    "your process has the host's cgroup namespace: which flag of unshare(1) makes a new one?"
  seen=$(grep -E '^0::|memory|pids' "$BATS_FILE_TMPDIR/inside" | grep run- || true)
  same '' "$seen" "the container sees the name of its group. What was its group at the moment of unshare(2) is the top that it sees: first into the group, then the namespace"
}

@test "no group is left after the end" {
  runs
  end "$target" "$busy"
  for _ in $(seq 30); do
    seen=$(groups_now)
    [ -n "$seen" ] || return 0
    sleep 0.1
  done
  bad "no directory run-..." "$seen" "nobody is in it any more, and rmdir(1) removes it. rm -r can't: the files in it are the kernel's"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
