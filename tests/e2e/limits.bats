#!/usr/bin/env bats
# Limits: the numbers that the kernel then holds the container to, in Docker's options and units; what happens at the limit; and
# what is said where one can't be set. Each limit is a step, so truth.bats, script.bats, hints.bats and looks.py know it too.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016,SC2030,SC2031

load helpers
load container

# needs CONTROLLER: the test is skipped where no hierarchy has it.
needs() { has_controller "$1" || skip "no cgroup controller $1"; }

# in_group CONTROLLER V1-FILE V2-FILE: what that file of a running container's cgroup holds.
in_group() {
  local pid=$1 controller=$2 line dir
  line=$(grep -E "^[0-9]+:([^:]*,)?$controller(,[^:]*)?:" "/proc/$pid/cgroup")
  if [ -n "$line" ]; then
    dir=$(findmnt -nlt cgroup -O "$controller" -o TARGET | head -n 1)${line##*:}
    cat "$dir/$3"
  else
    line=$(grep '^0::' "/proc/$pid/cgroup")
    # The path begins at the cgroup namespace's root, and tests/alone has its group mounted instead: the last part is the same.
    cat "$(findmnt -nlt cgroup2 -o TARGET | head -n 1)/${line##*/}/$4"
  fi
}

# started OPTION...: a container that sleeps; sets `runner` and `pid`, its first process.
started() {
  "$MINIRUN" --name limited "$@" "$BUSYBOX" sleep 60 < /dev/null > /dev/null &
  runner=$!
  eventually has_child
}
has_child() {
  pid=$(pgrep -P "$runner" -x sleep)
}
ended() {
  kill "$runner"
  wait "$runner" || true
}

@test "-m: the kernel has the number, in bytes, and swap as much again" {
  needs memory
  started -m 64m --memory-reservation 32m
  [ "$(in_group "$pid" memory memory.limit_in_bytes memory.max)" = 67108864 ] || fail "another limit"
  [ "$(in_group "$pid" memory memory.soft_limit_in_bytes memory.low)" = 33554432 ] || fail "another reservation"
  swap=$(in_group "$pid" memory memory.memsw.limit_in_bytes memory.swap.max) || swap=
  [[ $swap =~ ^(134217728|67108864|)$ ]] || fail "swap: $swap"
  ended
  nothing_is_left
}

@test "-m: a program that wants more is killed, and one line says why, with the limit and the peak" {
  needs memory
  minirun -m 16m --memory-swap 16m "$BUSYBOX" sh -c 'x=a; while :; do x=$x$x; done'
  [ "$status" -eq 137 ] || fail "not killed"
  [[ $stderr =~ 'out of memory: the kernel killed 1 process of the container; its limit is 16 MiB, its peak was 16 MiB' ]] || fail
  [ "$(wc -l <<< "$stderr")" -eq 1 ] || fail "more than a line"
}

@test "-m: a killed child is said too, though the program goes on and ends well" {
  needs memory
  minirun -m 16m --memory-swap 16m "$BUSYBOX" sh -c 'sh -c "x=a; while :; do x=\$x\$x; done"; echo went on: $?'
  [ "$status" -eq 0 ] || fail "the program did not go on"
  [ "$output" = 'went on: 137' ] || fail
  [[ $stderr == *'out of memory'* ]] || fail "not said"
}

@test "--pids-limit: a fork bomb meets EAGAIN, and the container still ends" {
  needs pids
  minirun --pids-limit 5 "$BUSYBOX" sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 30 & done; echo not reached'
  [ "$status" -ne 0 ] || fail "eight fit into five"
  [[ $stderr == *"can't fork: Resource temporarily unavailable"* ]] || fail
  nothing_is_left
  for none in 0 -1; do
    minirun --pids-limit "$none" "$BUSYBOX" sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 0 & done; wait'
    [ "$status" -eq 0 ] || fail "$none is a limit"
  done
}

@test "--cpus and --cpu-shares: quota, period and weight" {
  needs cpu
  started --cpus 0.5 --cpu-shares 512
  quota=$(in_group "$pid" cpu cpu.cfs_quota_us cpu.max)
  [[ $quota =~ ^50000(\ 100000)?$ ]] || fail "quota: $quota"
  [[ $(in_group "$pid" cpu cpu.shares cpu.weight) =~ ^(512|20)$ ]] || fail "shares"
  ended
}

@test "--cpus: a busy program really waits" {
  needs cpu
  used=$("$MINIRUN" --trace >(jq -r 'select(.id == "usage").usage.cpu_us' > "$WORK/cpu") --cpus 0.1 "$BUSYBOX" \
    sh -c 'a=$(cut -d" " -f1 /proc/uptime); i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; b=$(cut -d" " -f1 /proc/uptime)
           echo "$a $b"' | awk '{ print ($2 - $1) * 1000000 }')
  eventually test -s "$WORK/cpu"
  # A tenth of a processor: the time on the wall is at least five times the processor's.
  cpu=$(cat "$WORK/cpu")
  awk -v wall="$used" -v cpu="$cpu" 'BEGIN { exit !(wall > 5 * cpu) }' || fail "$used µs on the wall, $cpu of the processor"
}

@test "--cpuset-cpus: only these processors, also for nproc; one that isn't there is an error" {
  needs cpuset
  minirun --cpuset-cpus 0 "$BUSYBOX" sh -c 'nproc; grep Cpus_allowed_list /proc/self/status'
  [ "$output" = $'1\nCpus_allowed_list:\t0' ] || fail
  minirun --cpuset-cpus 4000 "$BUSYBOX" true
  says_no 'step cpuset: write 4000 to .*cpuset.cpus'
  nothing_is_left
}

@test "--ulimit: soft and hard, and an error where it can't be had" {
  minirun --ulimit nofile=100:200 --ulimit core=0 "$BUSYBOX" sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
  [ "$output" = $'100\n200\n0' ] || fail
  minirun --ulimit nofile=99999999999 "$BUSYBOX" true
  says_no 'step limits: setrlimit nofile'
  minirun --ulimit stock=1 "$BUSYBOX" true
  says_no 'no limit is called stock'
}

@test "--shm-size, --oom-score-adj" {
  minirun --shm-size 1m --oom-score-adj 300 "$BUSYBOX" sh -c 'df -k /dev/shm | tail -n 1; cat /proc/self/oom_score_adj'
  [[ ${lines[0]} =~ ^[a-z]+\ +1024\  ]] || fail "another size"
  [ "${lines[1]}" = 300 ] || fail "another score"
  # A value below the caller's takes a capability: it is had, or is an error.
  minirun --oom-score-adj -500 "$BUSYBOX" cat /proc/self/oom_score_adj
  [ "$output" = -500 ] || says_no 'step limits: write -500 to /proc/self/oom_score_adj'
}

@test "--device: the host's node, with its mode, and only what is allowed may be done with it" {
  # loop-control does nothing when it is only opened.
  [ -c /dev/loop-control ] || skip "no /dev/loop-control"
  minirun --device /dev/loop-control:/dev/made/control:r "$BUSYBOX" sh -c '
    stat -c "%t %T %a" /dev/made/control
    (: < /dev/made/control) && echo read
    (: >> /dev/made/control) 2> /dev/null && echo written'
  [ "$output" = "$(stat -c '%t %T %a' /dev/loop-control)"$'\nread' ] || fail
  minirun "$BUSYBOX" sh -c 'ls /dev/loop-control'
  [ "$status" -ne 0 ] || fail "it is there without being given"
  minirun --device /dev/no-such-thing "$BUSYBOX" true
  says_no 'there is no /dev/no-such-thing on this machine'
  minirun --device /dev/loop-control:/control "$BUSYBOX" true
  says_no 'only /dev has devices in a container'
}

@test "a limit that no hierarchy can set is an error that says which and why, and there is no container" {
  run --separate-stderr unshare --mount --propagation private sh -c '
    while umount -Rl /sys/fs/cgroup 2> /dev/null; do :; done
    exec "$0" -m 64m "$1" echo started' "$MINIRUN" "$BUSYBOX"
  says_no 'no cgroup hierarchy here has the controller memory'
  nothing_is_left
}

@test "values that make no sense, or don't fit each other, are refused before anything is done" {
  local words
  for words in '-m 1m' '-m x' '--cpus 0' '--cpus 9999' '--cpu-shares 1' '--pids-limit -2' '--cpuset-cpus 3-1' '--memory-swap 1g' \
    '-m 64m --memory-swap 32m' '-m 64m --memory-reservation 65m' '--shm-size 0' '--oom-score-adj 1001' '--device x' '--ulimit x=1'; do
    # shellcheck disable=SC2086  # several words
    minirun $words "$BUSYBOX" true
    [ "$status" -eq 125 ] || fail "taken: $words"
    [[ $stderr == *$'\nhint: '* ]] || fail "no hint: $words"
  done
  nothing_is_left
}

@test "--trace and --report carry what was used" {
  minirun --trace "$WORK/trace" --report "$WORK/report.html" "$BUSYBOX" sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done'
  [ "$status" -eq 0 ] || fail
  jq -es 'any(.[]; .id == "usage" and .usage.oom_kills == 0 and (.usage.cpu_us == null or .usage.cpu_us > 100))' "$WORK/trace" || fail "no usage"
  grep -q '"used":{"cpu":' "$WORK/report.html" || [ -z "$(findmnt -nt cgroup2)" ] || fail "not in the report"
  has_controller memory || return 0
  minirun -m 64m --trace "$WORK/trace" "$BUSYBOX" true
  jq -es 'any(.[]; .id == "usage" and .usage.memory_peak > 4096 and .usage.memory_limit == 67108864)' "$WORK/trace" || fail "no memory"
}

@test "a limit is a step: it can be left out, and what follows from it" {
  needs pids
  minirun --skip pids-limit --yes-break-it --pids-limit 3 "$BUSYBOX" sh -c 'for i in 1 2 3 4 5 6; do sleep 0 & done; wait; echo all'
  [ "$output" = all ] || fail
  minirun --skip cgroup --yes-break-it --pids-limit 3 "$BUSYBOX" echo started
  [ "$output" = started ] || fail "without a cgroup it does not start"
  for step in pids-limit usage; do
    minirun --break-after "$step" --pids-limit 3 "$BUSYBOX" true
    [ "$status" -eq 125 ] || fail "$step: not stopped"
    nothing_is_left
  done
}

@test "where a group was delegated to the caller, the container's group is made in it" {
  local v2 base
  v2=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
  [ -n "$v2" ] || skip "no cgroup v2"
  # A cgroup namespace names groups from ours on, and shows the hierarchy from there; tests/alone has ours below its own.
  base=$v2
  [ ! -d "$v2/suite" ] || base=$v2/suite
  mkdir -p "$base/delegated/runner"
  setfattr -n trusted.delegate -v 1 "$base/delegated"
  run --separate-stderr unshare --mount --cgroup bash -c '[ "$1" = "$2" ] || mount --bind "$1" "$2"
    echo $$ > "$2/delegated/runner/cgroup.procs"
    "$3" "$4" sh -c : && "$3" --cgroupns host "$4" cat /proc/self/cgroup' _ "$base" "$v2" "$MINIRUN" "$BUSYBOX"
  eventually rmdir "$base/delegated/runner" "$base/delegated"
  [ "$status" -eq 0 ] || fail
  grep -qE '^0::/delegated/minirun-[0-9a-f]{12}$' <<< "$output" || fail "it is elsewhere"
}
