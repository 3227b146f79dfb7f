#!/usr/bin/env bats
# What a container may do: capabilities in all five sets, seccomp, no_new_privs, covered paths, and the namespaces that it can be
# told to share. Case 81, and the options that lift a guard.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016,SC2030,SC2031

load helpers
load container

# Docker's 14 less MKNOD, NET_RAW and AUDIT_WRITE.
STANDARD=00000000800405fb
ALL=$(sed -n 's/^CapBnd:\t//p' /proc/self/status) # root in a container has fewer than all
NONE=0000000000000000

# caps OPTION...: the five sets inside, in the order of /proc/PID/status: Inh Prm Eff Bnd Amb
caps() {
  minirun "$@" "$BUSYBOX" sed -n 's/^Cap...:.//p' /proc/self/status
  [ "$status" -eq 0 ] || fail
}

# expects INH PRM EFF BND AMB
expects() { [ "${lines[*]}" = "$*" ] || fail "expected: $*"; }

@test "case 81: capabilities are exact in all five sets, for root and for a user" {
  caps
  expects $NONE $STANDARD $STANDARD $STANDARD $NONE
  caps -u 1000
  expects $NONE $NONE $NONE $STANDARD $NONE
  caps --cap-add NET_RAW
  expects $NONE 00000000800425fb 00000000800425fb 00000000800425fb $NONE
  caps --cap-add cap_net_raw -u 1000
  expects $NONE $NONE $NONE 00000000800425fb $NONE
  caps --cap-drop CHOWN --cap-drop KILL
  expects $NONE 00000000800405da 00000000800405da 00000000800405da $NONE
  caps --cap-drop ALL
  expects $NONE $NONE $NONE $NONE $NONE
  caps --cap-drop ALL --cap-add CHOWN
  expects $NONE 0000000000000001 0000000000000001 0000000000000001 $NONE
  caps --cap-add CHOWN --cap-drop CHOWN
  expects $NONE $STANDARD $STANDARD $STANDARD $NONE
  caps --cap-add ALL
  expects $NONE "$ALL" "$ALL" "$ALL" $NONE
  caps --cap-add ALL --cap-drop CHOWN -u 1000
  expects $NONE $NONE $NONE "$(printf %016x $((0x$ALL & ~1)))" $NONE
}

@test "the caller's inheritable and ambient capabilities don't get in" {
  run --separate-stderr setpriv --inh-caps +net_raw,+chown --ambient-caps +net_raw,+chown \
    "$MINIRUN" --cap-add NET_RAW "$BUSYBOX" sed -n 's/^Cap...:.//p' /proc/self/status
  expects $NONE 00000000800425fb 00000000800425fb 00000000800425fb $NONE
}

@test "an unknown capability is an error that names similar ones, before anything is done" {
  minirun --cap-add NET_ROW "$BUSYBOX" true
  says_no 'unknown capability NET_ROW'
  [[ $stderr == *'did you mean net_raw?'* ]] || fail
  minirun --cap-drop nonsense "$BUSYBOX" true
  says_no 'unknown capability nonsense'
}

# A capability is worth nothing where seccomp forbids its call.
@test "--cap-add widens the filter to the calls that the capability is for" {
  minirun "$BUSYBOX" mount -t tmpfs t /mnt
  [ "$status" -ne 0 ] || fail "a mount without the capability"
  minirun --cap-add SYS_ADMIN "$BUSYBOX" sh -c 'mkdir /m; mount -t tmpfs t /m && mount | grep -c " /m "; hostname other && hostname'
  [ "$output" = $'1\nother' ] || fail
  minirun --cap-add NET_ADMIN "$BUSYBOX" sh -c 'ip link set lo mtu 1000 && cat /sys/class/net/lo/mtu'
  [ "$output" = 1000 ] || fail
}

# inside OPTION...: three facts
inside() {
  minirun "$@" "$BUSYBOX" sh -c 'sed -nE "s/^(NoNewPrivs|Seccomp):.//p" /proc/self/status
    grep -c " /proc/sys ro," /proc/self/mountinfo'
}

@test "--security-opt lifts one guard, and no other" {
  inside
  [ "${lines[*]}" = '1 2 1' ] || fail "by default"
  inside --security-opt no-new-privileges=false
  [ "${lines[*]}" = '0 2 1' ] || fail
  inside --security-opt no-new-privileges=false -u 1000
  [ "${lines[*]}" = '0 2 1' ] || fail "for a user the filter is lost"
  inside --security-opt seccomp=unconfined
  [ "${lines[*]}" = '1 0 1' ] || fail
  inside --security-opt systempaths=unconfined
  [ "${lines[*]}" = '1 2 0' ] || fail
  inside --security-opt apparmor=unconfined --security-opt label=disable --security-opt no-new-privileges
  [ "${lines[*]}" = '1 2 1' ] || fail
  minirun --security-opt apparmor=docker-default "$BUSYBOX" true
  says_no 'minirun sets no AppArmor profile'
  minirun --security-opt label=type:container_t "$BUSYBOX" true
  says_no 'no SELinux label'
  minirun --security-opt nonsense "$BUSYBOX" true
  says_no 'unknown'
}

@test "--privileged: all of it, said in one line" {
  inside --privileged
  [ "${lines[*]}" = '0 0 0' ] || fail
  [ "$(wc -l <<< "$stderr")" -eq 1 ] || fail
  [[ $stderr == *'--privileged: all capabilities and devices, no seccomp filter'* ]] || fail
  caps --privileged
  expects $NONE "$ALL" "$ALL" "$ALL" $NONE
  minirun --privileged "$BUSYBOX" sh -c 'ls /dev | wc -l; grep -cE " /sys ro," /proc/self/mountinfo; mkdir /m; mount -t tmpfs t /m && echo mounted'
  [ "${lines[0]}" -gt 20 ] || fail "no devices"
  [ "${lines[1]}" = 0 ] || fail "/sys is read-only"
  [ "${lines[2]}" = mounted ] || fail "no mount"
  minirun --privileged --cap-drop CHOWN "$BUSYBOX" true
  says_no 'gives all capabilities'
  nothing_is_left
}

# shares KIND OPTION...: whether the container has the caller's namespace of that kind.
shares() {
  local kind=$1
  shift
  minirun "$@" "$BUSYBOX" readlink "/proc/self/ns/$kind"
  [ "$status" -eq 0 ] || fail
  [ "$output" = "$(readlink "/proc/self/ns/$kind")" ]
}

@test "--pid, --ipc, --uts, --cgroupns, --network host share that namespace, and no other" {
  local pair kind option other
  for pair in pid:--pid ipc:--ipc uts:--uts cgroup:--cgroupns net:--network; do
    kind=${pair%%:*} option=${pair##*:}
    shares "$kind" "$option" host || fail "$option host is not shared"
    ! shares "$kind" || fail "$kind is shared without being asked"
    for other in pid ipc uts cgroup net mnt; do
      [ "$other" = "$kind" ] || ! shares "$other" "$option" host || fail "$option host shares $other"
    done
  done
  minirun --uts host "$BUSYBOX" hostname
  [ "$output" = "$(hostname)" ] || fail "another name"
  minirun --uts host --hostname x "$BUSYBOX" true
  says_no 'the name would be the machine'
  minirun --pid container:x "$BUSYBOX" true
  says_no 'has no such mode'
}

@test "--pid host: it sees the host's processes, and when it ends all of its own are gone" {
  minirun --pid host "$BUSYBOX" sh -c 'sleep 4711 & setsid sleep 4712 & readlink /proc/$PPID/exe; exit 3'
  [ "$status" -eq 3 ] || fail
  ! pgrep -fx 'sleep 471[12]' || fail "it left processes"
  nothing_is_left
  # The runner itself is seen, and not to be looked into.
  minirun --pid host "$BUSYBOX" sh -c 'cat /proc/'$$'/status | head -n 1; ls /proc/$PPID/root/ 2>&1'
  [[ $output == *'Permission denied'* ]] || fail "the runner's root is open to it"
}

@test "--ipc host: memory and queues are the host's" {
  [ -d /dev/shm ] || skip "no /dev/shm"
  local name="minirun-test-$$"
  minirun --ipc host "$BUSYBOX" sh -c "echo seen > /dev/shm/$name"
  [ "$(cat "/dev/shm/$name")" = seen ] || fail
  rm "/dev/shm/$name"
  minirun --ipc host --shm-size 1m "$BUSYBOX" true
  says_no '/dev/shm is the host'
}

@test "--security-opt seccomp=FILE: a profile in Docker's form, with its capabilities and comparisons" {
  cat > "$WORK/profile.json" << 'END'
{ "defaultAction": "SCMP_ACT_ALLOW",
  "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] }],
  "syscalls": [
    { "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28 },
    { "names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 18, "excludes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["kill"], "action": "SCMP_ACT_ERRNO", "args": [{ "index": 1, "value": 10, "op": "SCMP_CMP_EQ" }] } ] }
END
  local script='mkdir /x; chroot / true && echo chroot; kill -USR1 1; kill -0 1 && echo kill'
  minirun --security-opt "seccomp=$WORK/profile.json" "$BUSYBOX" sh -c "$script"
  [[ $stderr == *'mkdir: '*'No space left on device'* ]] || fail "mkdir"
  [[ $stderr == *'chroot: '*'link'* ]] || fail "chroot"
  [[ $stderr == *'Operation not permitted'* ]] || fail "kill -USR1"
  [ "$output" = kill ] || fail
  minirun --cap-add SYS_ADMIN --security-opt "seccomp=$WORK/profile.json" "$BUSYBOX" sh -c "$script"
  [ "$output" = $'chroot\nkill' ] || fail "the rule for others counts with SYS_ADMIN"
  sed -i 's/"syscalls"/"sysCalls"/' "$WORK/profile.json"
  minirun --security-opt "seccomp=$WORK/profile.json" "$BUSYBOX" true
  says_no 'profile.json: .*sysCalls.* minirun .*know this field'
  minirun --security-opt "seccomp=$WORK/no-such-file" "$BUSYBOX" true
  says_no 'no-such-file'
}
