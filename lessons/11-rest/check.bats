#!/usr/bin/env bats
# Lesson 11: run.sh's container has a name, semaphores, sockets, a /dev and, if asked for, a terminal of its own.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 077 # as some have it
  word=$(random_word) base=$((1000 + RANDOM)) host=$(hostname)
  export STORE=$dir/store
  cc -Wall -o pivot pivot.c -lutil > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -m 755 "$dir/1" "$dir/1/bin"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep tty hostname cat; do ln -s busybox "$dir/1/bin/$name"; done
  cc -static -o "$dir/1/bin/abstract" "$LAB_LESSON/start/abstract.c" 3>&-
  chmod 755 "$dir/1/bin"/{busybox,abstract}
  make_image "$dir/image.tar" new '{"Cmd":["/bin/sh"]}' "$dir/1"
  "$dir/1/bin/abstract" listen "$word" > "$dir/heard" 3>&- 4>&- &
  listener=$!
  ipcmk -S 1 > "$dir/semaphore"
  before=$(table)
  start_student ./run.sh run "$dir/image.tar" sleep "2$base"
  find_process sleep "2$base"
  target=$found
  TTY=1 ./run.sh run "$dir/image.tar" sh -c "test -t 0 && test -t 1 && tty; exec sleep 3$base" < /dev/null > "$dir/tty.out" 2> "$dir/tty.err" 3>&- 4>&- &
  find_process sleep "3$base"
  with_tty=$found
  while_it_runs=$(table)
  export word base host listener target with_tty before while_it_runs
}

teardown_file() {
  kill "$listener"
  stop "$target" "$with_tty"
}

run_sh() { student 10 ./run.sh run "$BATS_FILE_TMPDIR/image.tar" "$@"; }
table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
has_terminal() { [ -n "$with_tty" ] || missing "there is no process to look at"; }
mounted() { awk -v path="$1" '$5 == path { text = $6; for (i = 7; $i != "-"; i++); print $(i + 1), text }' "/proc/$target/mountinfo" | tail -n 1; }
own() { # own KIND: the namespace is another one than ours
  runs
  [ "$(namespace "$1" "$target")" != "$(namespace "$1")" ] || bad "another number than the host's" "$(namespace "$1" "$target")" \
    "your process has the host's $1 namespace, $(namespace "$1"): which flag of unshare(1) makes a new one?"
}

@test "predict.txt says what you expected" {
  predicted "does hostname in a container of lesson 10 change the machine's name?" yes no
}

@test "pivot.c compiles: cc -o pivot pivot.c -lutil" {
  [ -x pivot ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "run.sh run: a host name of its own, the container's id" {
  [ -n "$target" ] || bad "a process: sleep 2$base" "none. It said: $(cat "$BATS_FILE_TMPDIR/errors")" "try it: sudo ./run.sh run ../examples/busybox.tar.gz ls -l /dev"
  same "$host" "$(hostname)" "hostname(1) changed the name of the uts namespace that it ran in, and that was the host's: which flag of unshare(1) makes a new one?"
  own uts
  name=$(nsenter -t "$target" -u hostname)
  [ -n "$name" ] && [ -d "$STORE/overlay2/$name" ] || bad "the name of the container's directory in overlay2" "$name" "a new uts namespace begins with a copy of the host's name: who calls hostname(1), and where?"
}

@test "no semaphore of the host can be reached" {
  own ipc
  seen=$(nsenter -t "$target" -i cat /proc/sysvipc/sem | wc -l)
  same 1 "$seen" "the host has semaphore $(grep -o '[0-9]*$' "$BATS_FILE_TMPDIR/semaphore"), and the container sees it"
}

@test "no abstract socket of the host can be reached" {
  runs
  run_sh /bin/abstract send "$word" "from inside"
  same '' "$(cat "$BATS_FILE_TMPDIR/heard")" \
    "a process of the host heard it: abstract sockets belong to the network namespace, and your process has the host's, $(namespace net). Which flag of unshare(1) makes a new one?"
  own net
}

@test "/dev has the six devices, for all to read and write, and nothing of the host's" {
  runs
  local expected='full 1:7 666 null 1:3 666 random 1:8 666 tty 5:0 666 urandom 1:9 666 zero 1:5 666 '
  dev=$(mounted /dev)
  [ -n "$dev" ] || bad "a tmpfs on /dev" "no mount" "mount -t tmpfs on the merged tree's dev, before pivot, and make in it what is needed"
  [ "${dev%% *}" = tmpfs ] || bad "a tmpfs of its own" "$dev" "that is the host's own /dev, with its disks: mount an empty tmpfs and make six devices in it"
  [[ ",${dev#* }," != *,nodev,* ]] || bad "no nodev" "$dev" "on a mount with nodev no device can be opened, not even /dev/null"
  seen=$(cd "/proc/$target/root/dev" && find . -xdev \( -type c -o -type b \) -printf '%P\n' | sort | while read -r name; do
    stat -c "$name %t:%T %a" "$name"
  done | tr '\n' ' ')
  same "$expected" "$seen" "mknod -m 666 NAME c MAJOR MINOR. Without -m the umask takes bits away, here $(umask) is set"
}

@test "/dev has the links" {
  runs
  local name
  cd "/proc/$target/root/dev" 2> /dev/null || missing "there is no /dev"
  for name in 'fd /proc/self/fd' 'stdin /proc/self/fd/0' 'stdout /proc/self/fd/1' 'stderr /proc/self/fd/2' 'ptmx pts/ptmx'; do
    same "$name" "${name%% *} $(readlink "${name%% *}")" "a link /dev/${name%% *}: ln -s TARGET NAME"
  done
}

@test "/dev/pts and /dev/shm are its own" {
  runs
  pts=$(mounted /dev/pts) shm=$(mounted /dev/shm)
  same devpts "${pts%% *}" "terminals made inside appear in a devpts: mount -t devpts on dev/pts"
  [ "$(stat -c %d "/proc/$target/root/dev/pts")" != "$(stat -c %d /dev/pts)" ] || bad "a devpts of its own" "the host's" "that is the host's, with everybody's terminals: each mount -t devpts makes a new one"
  same 666 "$(stat -c %a "/proc/$target/root/dev/pts/ptmx")" "nobody can open ptmx as it is: mount option ptmxmode=666"
  same "tmpfs 1777" "${shm%% *} $(stat -c %a "/proc/$target/root/dev/shm")" "shared memory is in a tmpfs on dev/shm, where all may write: mode=1777"
  same '' "$(comm -13 <(sort <<< "$before") <(sort <<< "$while_it_runs"))" "the host has these mounts too: lesson 7, --propagation private"
}

@test "TTY=1 run.sh run: tty tells a terminal of the container's" {
  [ -n "$with_tty" ] || bad "a process: sleep 3$base" "none. It said: $(head -n 1 "$BATS_FILE_TMPDIR/tty.err")" "try it in a terminal: sudo TTY=1 ./run.sh run ../examples/busybox.tar.gz tty"
  hint="its 0 is $(readlink "/proc/$with_tty/fd/0"). forkpty(3) makes a new terminal and a child that has it as 0, 1 and 2"
  [[ $(readlink "/proc/$with_tty/fd/0") != /dev/pts/0 ]] || [ -s "$BATS_FILE_TMPDIR/tty.out" ] ||
    hint="the parent has the terminal's other end, and nobody carries the bytes between that and your own 0 and 1: relay"
  case $(cat "$BATS_FILE_TMPDIR/tty.out") in *'not a tty'*) hint="it has a terminal, but none of the container's devpts: call forkpty after the pivot" ;; esac
  same /dev/pts/0 "$(tr -d '\r' < "$BATS_FILE_TMPDIR/tty.out" | head -n 1)" "$hint"
}

@test "it is the controlling terminal of a session of its own" {
  has_terminal
  # Fields 5 and 7 after the name: the session, and the terminal's device.
  read -r _ _ _ session tty _ < <(sed 's/.*) //' "/proc/$with_tty/stat")
  [ "$tty" != 0 ] || bad "a controlling terminal" "none" "Ctrl-C would reach nobody: forkpty(3) does setsid(2) and TIOCSCTTY in the child, as login_tty(3) says"
  same "$with_tty" "$session" "the command is to be the first of its session: login_tty(3)"
}

@test "what is typed goes in, what is printed comes out, and the status is the command's" {
  number=$((2 + RANDOM % 100))
  status=0
  output=$(echo "$word" | TTY=1 timeout 5 ./run.sh run "$BATS_FILE_TMPDIR/image.tar" sh -c "read x; echo got \$x; exit $number" 2>&1 3>&-) || status=$?
  same "got $word" "$(tr -d '\r' <<< "$output" | tail -n 1)" "the parent has the terminal's other end, and nobody carries the bytes between that and your own 0 and 1: relay"
  same "$number" "$status" "after the relay there is still to wait for the command, and to end with its status"
}

@test "the host's terminal is as it was before" {
  # script(1) gives a terminal to try it in.
  status=0
  seen=$(timeout 10 script -qec "stty -g; TTY=1 ./run.sh run '$BATS_FILE_TMPDIR/image.tar' sh -c 'sleep 0.1'; stty -g" /dev/null < /dev/null 2>&1 3>&- | tr -d '\r' | grep -oE '[0-9a-f]+(:[0-9a-f]+){9,}') || true
  same "$(head -n 1 <<< "$seen")" "$(tail -n 1 <<< "$seen")" "your own terminal was made raw and is still: it shows nothing that is typed. tcsetattr it back to what it was"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
