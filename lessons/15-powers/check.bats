#!/usr/bin/env bats
# Lesson 15: run.sh's container has a part of root's powers; find.sh finds what a container lacks, and allows.sh shows it.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 022
  word=$(random_word) base=$((1000 + RANDOM)) number=$((3001 + RANDOM % 900))
  # Which one this student has, as mystery.sh finds it.
  mine=$((1 + 0x$(sha256sum ../name | cut -c 1-4) % 6))
  # The setting is the machine's, and it has to be put back: one check after the other.
  if [ "$mine" = 2 ]; then exec 7< "$LAB_LESSON/check.bats" && flock -w 10 7; fi
  before_setting=$(cat /proc/sys/vm/dirty_expire_centisecs)
  [ "$before_setting" != "$number" ] || number=$((number + 1))
  export STORE=$dir/store MINIRUN_ROOT=$dir/minirun
  cc -Wall -o pivot pivot.c -lutil > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -p "$dir/1/bin"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep cat ls; do ln -s busybox "$dir/1/bin/$name"; done
  probe_source > "$dir/probe.c"
  cc -static -o "$dir/1/bin/probe" "$dir/probe.c" 3>&-
  cc -static -o "$dir/abstract" "$LAB_LESSON/../11-rest/start/abstract.c" 3>&-
  make_image "$dir/image.tar" new '{"Cmd":["sh"],"Env":["PATH=/bin"]}' "$dir/1"
  "$dir/abstract" listen "$word" > /dev/null 3>&- 4>&- &
  listener=$!
  ipcmk -S 1 > /dev/null
  key=$(awk 'NR == 2 { print $1 }' /proc/sysvipc/sem)
  start_student ./run.sh run "$dir/image.tar" sleep "9$base"
  find_process sleep "9$base"
  target=$found
  # Words of the shell alone, which start nothing, and then the probe.
  timeout 10 ./run.sh run "$dir/image.tar" sh -c 'while read -r line; do echo "ostype $line"; done < /proc/sys/kernel/ostype
    while read -r line; do echo "interrupts $line"; done < /proc/interrupts
    { echo 8192 > /proc/sys/kernel/msgmax; } 2> /dev/null && echo "setting written" || echo "setting refused"
    exec probe' > "$dir/said" 2>&1 < /dev/null 3>&- 4>&- || true
  # Seven containers that somebody else made.
  ../minirun load ../examples/busybox.tar.gz > /dev/null
  for name in 0 1 2 3 4 5 6; do mystery -n "$name" sleep "$name$base"; done
  mystery sh -c 'sh /mnt/allows.sh $0; sleep 8'"$base; :" "$number"
  export word base number key mine target listener before_setting
}

mystery() { "$LAB_LESSON/start/mystery.sh" "$@" < /dev/null > "$BATS_FILE_TMPDIR/allows.out" 2> "$BATS_FILE_TMPDIR/allows.err" 3>&- 4>&- & }

teardown_file() {
  [ "$(cat /proc/sys/vm/dirty_expire_centisecs)" = "$before_setting" ] || echo "$before_setting" > /proc/sys/vm/dirty_expire_centisecs
  kill "$listener"
  # shellcheck disable=SC2046  # numbers
  stop "$target" $(pgrep -f "^sleep [0-6]$base\$") $(pgrep -f -x "sh -c sh /mnt/allows.sh .0; sleep 8$base; : $number")
  sleep 0.3
}

# What happens to some calls that no program in a container needs, and to two that each needs.
probe_source() {
  cat << 'END'
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static void tell(const char *name, long result) {
  printf("%s %s\n", name, result >= 0 ? "works" : errno == EPERM ? "EPERM" : errno == ENOSYS ? "ENOSYS" : strerror(errno));
  fflush(stdout);
}
int main(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  tell("fork", child);
  wait(NULL);
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 1));
  tell("clone3", syscall(SYS_clone3, NULL, 0));
  long clone_user = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (clone_user == 0) _exit(0);
  tell("clone", clone_user);
  tell("unshare", unshare(CLONE_NEWUSER));
  return 0;
}
END
}

run_sh() { student 10 ./run.sh run "$@"; }
image() { echo "$BATS_FILE_TMPDIR/image.tar"; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
status_of() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }
result() { awk -v name="$1" '$1 == name { print $2 }' "$BATS_FILE_TMPDIR/said" | head -n 1; }
bits() { for i in $(seq 0 63); do [ $(($1 >> i & 1)) = 0 ] || printf '%s ' "$i"; done | sed 's/ $//'; }
names=(nothing masks read-only-paths seccomp caps network-namespace ipc-namespace)

@test "predict.txt says what you expected" {
  predicted "does root in a container of lesson 14 change the machine's vm.swappiness?" yes no
}

@test "pivot.c compiles: cc -o pivot pivot.c -lutil" {
  [ -x pivot ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "capabilities: eleven are left, in CapEff and in CapBnd" {
  said=$(head -n 3 "$BATS_FILE_TMPDIR/errors") hint="try it: sudo ./run.sh run ../examples/busybox.tar.gz grep Cap /proc/self/status"
  [[ $said != *'Permission denied'* ]] || hint="the kernel takes a filter only from who has CAP_SYS_ADMIN, which you gave up, or has no_new_privs set: prctl(2), PR_SET_NO_NEW_PRIVS, before the filter"
  [[ $said != *'not permitted'* ]] || hint="something was given up before the call that needed it: dropping from the bounding set needs CAP_SETPCAP, and the pivot CAP_SYS_ADMIN"
  [ -n "$target" ] || bad "a process: sleep 9$base" "none. It said: $said" "$hint"
  for set in CapBnd CapEff; do
    seen=$(status_of "$target" "$set")
    hint="CapEff is what the kernel asks. Root's is made anew at exec, from CapBnd"
    [ "$set" = CapEff ] || hint="CapBnd is the upper limit of what an exec can give, so a setuid program may bring the rest back: prctl(2), PR_CAPBSET_DROP, once for each"
    more=$((0x$seen & ~0x800405fb)) less=$((0x800405fb & ~0x$seen))
    [ "$more" = 0 ] || [ "$seen" = "$(status_of self "$set")" ] || hint="$set has too many, these numbers: $(bits $more). /usr/include/linux/capability.h has their names"
    [ "$less" = 0 ] || hint="$set lacks these numbers: $(bits $less). Files of others, setuid(2) and port 80 need these, and many images do so"
    same "$set 00000000800405fb" "$set $seen" "$hint"
  done
  for set in CapInh CapAmb; do same "$set 0000000000000000" "$set $(status_of "$target" "$set")" "$set is handed on at exec, past the limit"; done
  run_sh -u 4711 "$(image)" cat /proc/self/status
  same "CapEff 0000000000000000" "$(awk '/^CapEff/ { print "CapEff", $2 }' <<< "$output")$errors" "who is not root has none: setresuid(2) from 0 clears them, unless PR_SET_KEEPCAPS says otherwise"
}

@test "no_new_privs is set" {
  runs
  same 1 "$(status_of "$target" NoNewPrivs)" "prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0): a setuid program then gives nothing"
}

@test "a filter refuses what no container needs, and a program still runs" {
  runs
  same 2 "$(status_of "$target" Seccomp)" "Seccomp in /proc/PID/status is 2 when there is a filter: prctl(2), PR_SET_SECCOMP"
  same works "$(result fork)" "no program can start another: the filter refuses clone as a whole. Only with CLONE_NEWUSER in its first argument it is to fail"
  same "unshare EPERM" "unshare $(result unshare)" "unshare(2) makes a user namespace, and in that a program has all capabilities again: refuse the call"
  same "keyctl EPERM" "keyctl $(result keyctl)" "keys know no namespace: keyctl, add_key, request_key"
  same "clone3 ENOSYS" "clone3 $(result clone3)" "clone3 has its flags behind a pointer, so it is refused as a whole. With ENOSYS the C library believes that the kernel is old, and takes clone. With EPERM it gives up"
  same "clone EPERM" "clone $(result clone)" "clone(2) with CLONE_NEWUSER does the same as unshare. The flags are args[0] of struct seccomp_data: BPF_JSET asks for a bit"
}

@test "masked: what tells of the whole machine can't be read" {
  runs
  open=''
  for path in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats; do
    [ ! -e "/proc/$path" ] || awk -v path="/proc/$path" '$5 == path { found = 1 } END { exit !found }' "/proc/$target/mountinfo" || open+=" /proc/$path"
  done
  same '' "${open# }" "these are not covered. Mount something on them, before the pivot: /dev/null on a file, an empty tmpfs on a directory"
  same '' "$(result interrupts)" "/proc/interrupts is the machine's, and it can be read: what is mounted on it?"
}

@test "read-only: the machine's settings can't be changed" {
  runs
  open=''
  for path in bus fs irq sys sysrq-trigger; do
    [ ! -e "/proc/$path" ] || awk -v path="/proc/$path" '$5 == path && $6 ~ /^ro(,|$)/ { found = 1 } END { exit !found }' "/proc/$target/mountinfo" || open+=" /proc/$path"
  done
  same '' "${open# }" "the flag ro belongs to a mount, and these are none, or one without the flag: bind each on itself, with -o ro"
  same "reads Linux, writing is refused" "reads $(result ostype), writing is $(result setting)" "reading has to go on working"
}

@test "find.sh PID says what is left out" {
  is_program ./find.sh
  local order one
  order=$(printf '%s\n' 0 1 2 3 4 5 6 | shuf)
  for one in $order; do
    find_process sleep "$one$base"
    [ -n "$found" ] || missing "mystery.sh -n $one did not start: $(head -n 2 "$BATS_FILE_TMPDIR/allows.err")"
    student 5 ./find.sh "$found"
    hint="each has its place: Seccomp and CapBnd in /proc/PID/status, the links in /proc/PID/ns, the mounts in /proc/PID/mountinfo"
    case ${names[one]} in
      nothing) hint="this container has all of them. For masks and read-only-paths the mounts count that are in its own mountinfo" ;;
      seccomp) hint="in this one Seccomp is $(status_of "$found" Seccomp) in /proc/PID/status" ;;
      caps) hint="in this one CapBnd is $(status_of "$found" CapBnd), and you have $(status_of self CapBnd)" ;;
      network-namespace) hint="in this one ns/net is $(namespace net "$found"), and yours is $(namespace net)" ;;
      ipc-namespace) hint="in this one ns/ipc is $(namespace ipc "$found"), and yours is $(namespace ipc)" ;;
      masks) hint="in this one no mount is on /proc/interrupts, in its own mountinfo" ;;
      read-only-paths) hint="in this one no mount is on /proc/sys, in its own mountinfo" ;;
    esac
    same "${names[one]}" "$output$errors" "$hint"
  done
}

@test "allows.sh shows what your own container allows" {
  is_program ./allows.sh
  what=${names[mine]} out=$BATS_FILE_TMPDIR/allows.out shell="sh -c sh /mnt/allows.sh \$0; sleep 8$base; : $number"
  sum() { awk 'NR > 1 && $2 ~ /^[0-9]+$/ { sum += $2 } END { printf "%.0f", sum }' "$1"; }
  inside=$(ps -ww -eo pid=,args= | wanted="$shell" awk '{ pid = $1; sub(/^ *[0-9]+ /, "") } $0 == ENVIRON["wanted"] { print pid; exit }')
  for _ in $(seq 30); do
    case $what in
      masks)
        wanted="the machine's interrupts" seen="$(wc -l < "$out") lines"
        [ "$(wc -l < "$out")" -lt "$(wc -l < /proc/interrupts)" ] || [ "$(sum "$out")" -gt "$(sum /proc/interrupts)" ] || [ "$(sum "$out")" -lt $(($(sum /proc/interrupts) * 9 / 10)) ] || return 0
        ;;
      read-only-paths)
        wanted="vm.dirty_expire_centisecs: $number" seen=$(cat /proc/sys/vm/dirty_expire_centisecs)
        [ "$seen" != "$number" ] || return 0
        ;;
      seccomp)
        found=$(pgrep -f -x "sleep $number" | head -n 1) || true
        wanted="sleep $number, with a user namespace of its own" seen=${found:+$(namespace user "$found")} || true
        [ -z "$found" ] || [ "$seen" = "$(namespace user)" ] || return 0
        ;;
      caps)
        wanted="a block device 8, $number" seen=$(ls -l "/proc/$inside/root/disk" 2>&1) || true
        [ "$(stat -c '%F %t:%T' "/proc/$inside/root/disk" 2> /dev/null)" != "$(printf 'block special file 8:%x' "$number")" ] || return 0
        ;;
      network-namespace)
        wanted="a socket @$word" seen=$(grep -m 1 @ "$out" || head -n 1 "$out")
        ! grep -q "@$word" "$out" || return 0
        ;;
      ipc-namespace)
        wanted="a semaphore with key $key" seen=$(head -n 1 "$out")
        ! grep -q -- "$key" "$out" || return 0
        ;;
    esac
    sleep 0.1
  done
  bad "$wanted" "$seen" "in your own container $what is left out. The page says what allows.sh has to do there. Try it: sudo ./mystery.sh sh /mnt/allows.sh 3456"
}

@test "hello-world runs, and minirun is not installed" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  # In a mount namespace where an empty file lies on each minirun that there is.
  student 20 unshare --mount --propagation private sh -c '
    for file in "$(readlink -f ../minirun)" $(which -a minirun); do mount --bind /dev/null "$file"; done
    ! ../minirun version 2> /dev/null || exit 99
    exec ./run.sh run "$1"' sh "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
