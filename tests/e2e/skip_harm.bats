#!/usr/bin/env bats
# What minirun says may happen without a step does happen: the harm is shown, beside the whole container that prevents it.
# Each runs inside namespaces that stand for the host (outer.bash).

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016

load helpers
load container
load outer

@test "pivot-root and detach: the host's files, and the old root at /.. with the host's processes" {
  outer '
    host=$(stat -c %d:%i "$WORK")
    c "$BUSYBOX" ls "$WORK" 2>&1 | says "No such file"
    c --skip pivot-root "$BUSYBOX" stat -c %d:%i "$WORK" 2> err | says "^$host$"
    says "pivot-root is left out: .* because its root is still the host.s; step detach goes with it" < err
    c --skip pivot-root "$BUSYBOX" sh -c "echo from inside > $WORK/written" 2> /dev/null
    says "from inside" < written

    c "$BUSYBOX" stat -c %d:%i "/..$WORK" 2>&1 | says "No such file"
    c --skip detach "$BUSYBOX" stat -c %d:%i "/..$WORK" 2> err | says "^$host$"
    says "detach is left out: the host.s files are at /\.\. and through /\.\./proc its processes" < err
    sleep 50 &
    c --skip detach "$BUSYBOX" cat "/../proc/$!/comm" 2> /dev/null | says "^sleep$"
    c "$BUSYBOX" cat "/proc/$!/comm" 2>&1 | says "No such file"
    kill $!'
}

@test "uts-namespace and hostname: whose name is changed, and whose is seen" {
  outer '
    c -h inside "$BUSYBOX" hostname | says "^inside$"
    [ "$(hostname)" = outer ] || fail "changed all the same"
    c --skip hostname "$BUSYBOX" hostname 2> /dev/null | says "^outer$"
    c -h inside --skip uts-namespace "$BUSYBOX" hostname 2> /dev/null | says "^inside$"
    [ "$(hostname)" = inside ] || fail "not changed"
    hostname outer
    c --skip uts-namespace --skip hostname "$BUSYBOX" hostname 2> /dev/null | says "^outer$"'
}

@test "ipc-namespace: the host's message queues are listed inside" {
  outer '
    ipcmk -Q > /dev/null
    c "$BUSYBOX" cat /proc/sysvipc/msg | wc -l | says "^1$"
    c --skip ipc-namespace "$BUSYBOX" cat /proc/sysvipc/msg 2> /dev/null | wc -l | says "^2$"'
}

@test "network-namespace and lo-up: the host's ports can be reached, its loopback is left alone, and 127.0.0.1 is silent" {
  outer '
    c --skip network-namespace "$BUSYBOX" true 2> err
    says "lo-up goes with it" < err
    ip -o link show lo | says "state DOWN"
    ip link set lo up
    (cd / && exec busybox nc -l -p 4242 -e echo from-outside) &
    sleep 0.3
    c "$BUSYBOX" nc 127.0.0.1 4242 2>&1 | says "refused"
    c --skip lo-up "$BUSYBOX" nc 127.0.0.1 4242 2>&1 | says "unreachable"
    c --skip network-namespace "$BUSYBOX" nc 127.0.0.1 4242 2> /dev/null | says "^from-outside$"'
}

@test "cgroup and cgroup-namespace: where it is, and what it sees of that" {
  outer '
    [ -n "$CGROUPS" ] || exit 0
    c "$BUSYBOX" grep ^0: /proc/self/cgroup | says "^0::/$"
    c --skip cgroup-namespace "$BUSYBOX" grep ^0: /proc/self/cgroup 2> /dev/null | says "^0::/minirun-[0-9a-f]{12}$"
    c --skip cgroup --skip cgroup-namespace "$BUSYBOX" sh -c "grep ^0: /proc/self/cgroup" 2> /dev/null | says "^0::/$"
    start --skip cgroup "$BUSYBOX" sleep 2
    sleep 0.5
    find "$CGROUPS" -name "minirun-*" | silent_on .
    wait'
}

@test "proc, sysfs and the masks: nothing, or the whole machine's" {
  outer '
    c --skip proc "$BUSYBOX" ps 2> /dev/null | wc -l | says "^1$"
    c --skip proc "$BUSYBOX" sh -c "ls -A /proc; echo lost > /dev/stderr" 2>&1 | says "can.t create /dev/stderr"
    c --skip sysfs "$BUSYBOX" ls -A /sys 2> /dev/null | silent_on .
    c "$BUSYBOX" wc -c /proc/interrupts | says "^0 "
    c "$BUSYBOX" ls -A /sys/firmware | silent_on .
    c --skip masks "$BUSYBOX" head -n 1 /proc/interrupts 2> /dev/null | says "CPU0"
    [ ! -e /proc/timer_list ] || c --skip masks "$BUSYBOX" head -n 1 /proc/timer_list 2> /dev/null | says "^Timer List"
    [ ! -e /proc/kcore ] || c --skip masks "$BUSYBOX" stat -c %F /proc/kcore 2> /dev/null | says "^regular file$"'
}

@test "read-only-paths: a sysctl can be written" {
  outer '
    # The one that is written here belongs to the outer network namespace, and keeps its value.
    file=/proc/sys/net/ipv4/ip_default_ttl
    c --skip network-namespace "$BUSYBOX" sh -c "cat $file > $file" 2>&1 | says "Read-only file system"
    c --skip network-namespace --skip read-only-paths "$BUSYBOX" sh -c "echo 77 > $file" 2> /dev/null
    says "^77$" < $file'
}

@test "dev and what is in it" {
  outer '
    c -i --skip dev "$BUSYBOX" sh -c "echo x > /dev/null" 2>&1 | says "Permission denied"
    c --skip dev-nodes "$BUSYBOX" true 2>&1 | says "step masks: /dev/null is missing"
    c -i --skip dev-nodes --skip masks "$BUSYBOX" sh -c "echo x > /dev/null; stat -c %F /dev/null" 2> /dev/null |
      says "^regular file$"
    c --skip dev-links "$BUSYBOX" sh -c "echo x > /dev/stderr; stat -c %F /dev/stderr; ls /dev/ptmx" 2>&1 > out | says "ptmx: No such"
    says "^regular file$" < out
    c --skip devpts "$BUSYBOX" sh -c "cat /dev/ptmx" 2>&1 | says "No such file"
    c --skip shm "$BUSYBOX" ls /dev/shm 2>&1 | says "No such file"
    c --skip mqueue "$BUSYBOX" ls /dev/mqueue 2>&1 | says "No such file"'
}

@test "bounding, caps, no-new-privs: which powers come back" {
  new_rootfs
  mapfile -t libraries < <(ldd /bin/cat | grep -o '/[^ ]*')
  cp --parents /bin/cat "${libraries[@]}" "$ROOTFS"
  rm "$ROOTFS/bin/ls"
  cp /bin/cat "$ROOTFS/bin/as-root"
  chmod 4755 "$ROOTFS/bin/as-root"
  new_image
  outer '
    image=$1
    field() { sed -nE "s/^$1:\s*//p" | head -n 1; }
    all=$(field CapBnd < /proc/self/status)
    few=$(c "$image" cat /proc/self/status | field CapBnd)
    [ "$all" != "$few" ] || fail "nothing to lose: $all"

    c --skip bounding "$image" cat /proc/self/status > out 2> /dev/null
    [ "$(field CapBnd < out) $(field CapEff < out)" = "$all $few" ] || fail "bounding" "$(cat out)"
    c --skip bounding --skip caps "$image" cat /proc/self/status > out 2> /dev/null
    [ "$(field CapEff < out)" = "$all" ] || fail "bounding and caps" "$(cat out)"
    setpriv --inh-caps +sys_admin "$MINIRUN" "$image" cat /proc/self/status > out < /dev/null
    [ "$(field CapInh < out)" = 0000000000000000 ] || fail "whole" "$(cat out)"
    setpriv --inh-caps +sys_admin "$MINIRUN" --yes-break-it --skip caps "$image" cat /proc/self/status > out 2> /dev/null < /dev/null
    [ "$(field CapInh < out)" = 0000000000200000 ] || fail "caps: inheritable" "$(cat out)"
    [ "$(field CapEff < out)" != "$few" ] || fail "caps: it would not matter" "$(cat out)"

    c -u 1000 "$image" as-root /proc/self/status | field Uid | says "^1000.1000.1000.1000$"
    c --skip no-new-privs "$image" true 2>&1 | says "step seccomp: .*Permission denied"
    c -u 1000 --skip no-new-privs --skip seccomp "$image" as-root /proc/self/status > out 2> /dev/null
    field Uid < out | says "^1000.0.0.0$"
    [ "$(field CapEff < out)" = "$few" ] || fail "setuid, bounded" "$(cat out)"
    c -u 1000 --skip no-new-privs --skip seccomp --skip bounding "$image" as-root /proc/self/status > out 2> /dev/null
    [ "$(field CapEff < out)" = "$all" ] || fail "setuid, not bounded" "$(cat out)"' "$IMAGE"
}

@test "user, seccomp: root it stays, and every call can be made" {
  outer '
    c -u 1000:2000 "$BUSYBOX" id | says "^uid=1000 gid=2000"
    c -u 1000:2000 --skip user "$BUSYBOX" id 2> /dev/null | says "^uid=0\(root\) gid=0"
    c "$BUSYBOX" grep Seccomp: /proc/self/status | says "2$"
    c --skip seccomp "$BUSYBOX" grep Seccomp: /proc/self/status 2> /dev/null | says "0$"
    # A user namespace takes no capability: only the filter forbids it.
    c "$BUSYBOX" unshare -U true 2>&1 | says "Operation not permitted"
    c --skip seccomp "$BUSYBOX" unshare -U true 2> /dev/null || fail "unshare is still forbidden"'
}

@test "close-fds, stdin, workdir, limits: what comes from the caller" {
  outer '
    exec 7< /etc/passwd
    c "$BUSYBOX" ls -l /proc/self/fd | silent_on passwd
    c --skip close-fds "$BUSYBOX" ls -l /proc/self/fd 2> /dev/null | says "7 -> .*passwd"
    c --skip close-fds "$BUSYBOX" head -n 1 /proc/self/fd/7 2> /dev/null | says "^root:"
    exec 7<&-
    echo typed | "$MINIRUN" "$BUSYBOX" cat | silent_on .
    echo typed | "$MINIRUN" --yes-break-it --skip stdin "$BUSYBOX" cat 2> /dev/null | says "^typed$"
    c -w /tmp "$BUSYBOX" pwd | says "^/tmp$"
    c -w /tmp --skip workdir "$BUSYBOX" pwd 2> /dev/null | says "^/$"
    ulimit -S -n 77
    echo 300 > /proc/self/oom_score_adj
    c "$BUSYBOX" sh -c "ulimit -n; cat /proc/self/oom_score_adj" | tr "\n" " " | says "^1024 0 $"
    c --skip limits "$BUSYBOX" sh -c "ulimit -n; cat /proc/self/oom_score_adj" 2> /dev/null | tr "\n" " " | says "^77 300 $"'
}

@test "reset: signals stay blocked, the umask is the caller's, and it outlives a killed runner" {
  outer '
    umask 077
    c "$BUSYBOX" sh -c "umask; grep SigBlk /proc/self/status" | tr "\n" " " | says "^0022 SigBlk:.0000000000000000 $"
    c --skip reset "$BUSYBOX" sh -c "umask; grep SigBlk /proc/self/status" 2> /dev/null | tr "\n" " " | says "^0077 SigBlk:.f[0-9a-f]{15} $"
    for skip in "" "--skip reset"; do
      start $skip "$BUSYBOX" sleep 30
      sleep 0.7
      program=$(pgrep -x sleep)
      if [ -n "$skip" ]; then
        kill -TERM $!
        sleep 0.2
        [ -e "/proc/$program" ] || fail "TERM ends it"
      fi
      kill -KILL $!
      wait $! 2> /dev/null
      sleep 0.2
      if [ -n "$skip" ]; then [ -e "/proc/$program" ]; else [ ! -e "/proc/$program" ]; fi || fail "skip: $skip"
    done
    # And still it can be found and ended.
    [ -n "$CGROUPS" ] || kill -KILL "$program"
    "$MINIRUN" gc || fail "gc"
    [ ! -e "/proc/$program" ] || fail "gc leaves it"'
}

@test "session: the caller's terminal is the program's" {
  outer '
    tty() { script -qec "$MINIRUN --yes-break-it $1 $BUSYBOX sh -c \"echo typed > /dev/tty\"" /dev/null < /dev/null; }
    tty "" | says "No such device"
    tty "--skip session" | says "^typed"'
}

@test "bind, volume, tmpfs, fill-volume: where the data goes" {
  outer '
    mkdir data
    c -v ./data:/data --skip bind-1 "$BUSYBOX" sh -c "mkdir -p /data; echo x > /data/x" 2> /dev/null
    ls -A data | silent_on .
    c -v v:/vol --skip volume-1 "$BUSYBOX" sh -c "mkdir -p /vol; echo x > /vol/x" 2> /dev/null
    ls -A "$MINIRUN_ROOT/volumes/v/_data" | silent_on .
    c --tmpfs /t --skip tmpfs-1 "$BUSYBOX" sh -c "mkdir -p /t; df /t" 2> /dev/null | says "overlay"
    c -v w:/etc --skip fill-volume-1 "$BUSYBOX" ls /etc/passwd 2>&1 | says "No such file"
    c -v x:/etc "$BUSYBOX" ls /etc/passwd | says "passwd"
    c -v y:/y --skip make-volume-1 "$BUSYBOX" true 2>&1 | says "step fill-volume-1: open .*/volumes/y: No such file"
    c -v ./gone:/g --skip make-source-1 "$BUSYBOX" true 2>&1 | says "step bind-1: open .*/gone: No such file"
    [ ! -e gone ] || fail "made all the same"
    c --read-only "$BUSYBOX" touch /x 2>&1 | says "Read-only"
    c --read-only --skip read-only-root "$BUSYBOX" touch /x 2> /dev/null || fail "still read only"
    c -w /made --skip make-workdir "$BUSYBOX" true 2>&1 | says "step workdir: chdir /made: No such file"'
}

@test "the files in /etc, and the directories of the overlay" {
  new_rootfs
  for name in hosts hostname resolv.conf; do echo "of the image" > "$ROOTFS/etc/$name"; done
  new_image
  outer '
    for pair in hosts:hosts hostname:hostname resolv:resolv.conf; do
      id=${pair%:*} file=/etc/${pair#*:}
      c "$1" cat "$file" | silent_on "of the image"
      c --skip "bind-$id" "$1" cat "$file" 2> /dev/null | says "^of the image$"
      c --skip "file-$id" "$1" true 2>&1 | says "step bind-$id: open .*: No such file"
      c --skip "file-$id" --skip "bind-$id" "$1" cat "$file" 2> /dev/null | says "^of the image$"
    done
    for dir in upper work merged; do
      c --skip "dir-$dir" "$1" true 2>&1 | says "step overlay: mount overlay .*: No such file"
    done
    c --skip dir "$1" true 2>&1 | says "step file-state: open .*: No such file"
    c --skip overlay "$1" true 2>&1 | says "step proc: the container has no root directory"
    c --skip overlay "$1" true 2>&1 | says "^hint: step overlay makes it, and was left out"' "$IMAGE"
}

@test "file-state, file-image, file-lower, name: what the next minirun no longer knows" {
  outer '
    running() { start "$@" "$BUSYBOX" sleep 30; sleep 0.7; }
    stopped() { kill -KILL $!; wait $! 2> /dev/null || true; }
    id() { "$MINIRUN" images | awk "NR == 2 { print \$2 }"; }

    running --skip file-state -v /anonymous
    stopped
    "$MINIRUN" gc || fail "gc"
    ls -A "$MINIRUN_ROOT/containers" | silent_on .
    ls "$MINIRUN_ROOT"/volumes | says "^[0-9a-f]{64}$"
    [ -z "$CGROUPS" ] || find "$CGROUPS" -name "minirun-*" | says minirun-
    running -v /anonymous
    stopped
    "$MINIRUN" gc || fail "gc"
    ls "$MINIRUN_ROOT"/volumes | wc -l | says "^1$"

    running
    "$MINIRUN" rmi "$(id)" 2>&1 | says "is used by container"
    stopped
    running --skip file-image
    "$MINIRUN" rmi "$(id)" || fail "it is still refused"
    stopped
    "$MINIRUN" images | wc -l | says "^1$"

    c --keep --name k --skip file-lower "$BUSYBOX" touch /x 2> /dev/null
    "$MINIRUN" diff k 2>&1 | says "/lower: No such file"
    "$MINIRUN" rm k

    running --name one
    c --name one "$BUSYBOX" true 2>&1 | says "the name one is taken"
    c --name one --skip name "$BUSYBOX" true 2> /dev/null || fail "the name is still claimed"
    stopped'
}

@test "flush-layers: the layers stay without the mark that they are on the disk" {
  outer '
    marks() { find "$MINIRUN_ROOT/overlay2" -name durable | wc -l; }
    c --skip flush-layers "$BUSYBOX" true 2> /dev/null || fail "it fails"
    sleep 0.5
    marks | says "^0$"
    c "$BUSYBOX" true
    for ((turn = 0; turn < 50; turn++)); do [ "$(marks)" = 0 ] || exit 0; sleep 0.1; done
    fail "never marked"'
}

@test "scheduling and devices: the caller's nice value, and a disk that opens where nodev is forgotten" {
  outer '
    nice -n 5 "$MINIRUN" "$BUSYBOX" cut -d" " -f19 /proc/self/stat | says "^0$"
    nice -n 5 "$MINIRUN" --yes-break-it --skip scheduling "$BUSYBOX" cut -d" " -f19 /proc/self/stat 2> /dev/null | says "^$(($(nice) + 5))$"

    [ -n "$CGROUPS" ] || exit 0
    mknod node c 1 11 # the log of the kernel
    for skip in hostname devices; do
      start --skip "$skip" --name "$skip" "$BUSYBOX" sleep 20
      for ((turn = 0; turn < 100; turn++)); do
        group=$(readlink "$MINIRUN_ROOT/names/$skip") && group=$CGROUPS/minirun-${group##*/} && pgrep -P $! -x sleep > /dev/null && break
        sleep 0.05
      done
      bash -c "echo \$\$ > $group/cgroup.procs && : < node" > "tried-$skip" 2>&1
      kill $!
      wait $!
    done
    says "not permitted" < tried-hostname
    silent_on . < tried-devices'
}
