#!/usr/bin/env bats
# The main job: config and command line become a process, its status comes back, nothing stays.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

@test "hello-world runs, and the second start reads nothing of the archive but its stat" {
  cp "$FIXTURES/hello-world-docker20.tar.gz" "$WORK/hello.tar.gz"
  sleep 0.1 # a file that was changed within its clock's last tick is not remembered
  runs_hello "$WORK/hello.tar.gz"
  strace -f -e trace=%file -o "$WORK/trace" "$MINIRUN" "$WORK/hello.tar.gz" > "$WORK/out"
  [ "$(cat "$WORK/out")" = "$HELLO" ]
  grep -q 'stat.*hello.tar.gz' "$WORK/trace"
  ! grep -v execve "$WORK/trace" | grep 'open.*hello.tar.gz' || fail "the archive was opened"
}

@test "exit status: the program's own, 125 minirun's, 126 not executable, 127 not found, 128+N killed" {
  for code in 0 1 7 255; do
    minirun "$BUSYBOX" sh -c "exit $code"
    [ "$status" -eq "$code" ]
  done
  exits 127 "$BUSYBOX" no-such-program
  [[ $stderr == *"not found in PATH"* ]]
  exits 127 "$BUSYBOX" /no/such/file
  exits 126 "$BUSYBOX" /etc
  exits 126 "$BUSYBOX" /etc/passwd
  exits 125 --no-such-option "$BUSYBOX"
  "$MINIRUN" "$BUSYBOX" sleep 60 &
  eventually pgrep -P $! -x sleep
  pkill -KILL -P $! -x sleep
  wait $! || status=$?
  [ "$status" -eq 137 ]
  nothing_is_left
}

@test "Entrypoint and Cmd: COMMAND replaces Cmd, --entrypoint replaces Entrypoint and clears Cmd" {
  new_rootfs
  COMMAND='' new_image '"Entrypoint":["/bin/echo","entry"],"Cmd":["cmd"]'
  minirun "$IMAGE"
  [ "$output" = "entry cmd" ]
  minirun "$IMAGE" given words
  [ "$output" = "entry given words" ]
  minirun --entrypoint /bin/pwd "$IMAGE"
  [ "$output" = / ]
  minirun --entrypoint "" "$IMAGE" /bin/echo alone
  [ "$output" = alone ]
  minirun --entrypoint "" "$IMAGE"
  says_no 'names no program'
  COMMAND='' new_image
  minirun "$IMAGE"
  says_no 'names no program'
}

@test "environment: PATH and HOSTNAME < image < env file < -e, HOME from the image's passwd" {
  new_rootfs
  new_image '"Env":["A=image","B=image","PATH=/bin"]'
  printf '# comment\nB=file\nC=file\nCALLER\n' > "$WORK/env"
  CALLER=mine D=mine minirun --env-file "$WORK/env" -e C=option -e D -e NOT_THERE "$IMAGE" env
  [ "$status" -eq 0 ]
  [ "$(grep -v -e HOSTNAME -e SHLVL <<< "$output" | sort | tr '\n' ' ')" = \
    "A=image B=file C=option CALLER=mine D=mine HOME=/root PATH=/bin " ]
  minirun -u student "$IMAGE" sh -c 'echo $HOME'
  [ "$output" = /home/student ]
  minirun -e HOME=/elsewhere "$IMAGE" sh -c 'echo $HOME'
  [ "$output" = /elsewhere ]
}

@test "user: names and ids from the image's own files, with the groups that list them" {
  new_rootfs
  new_image
  minirun -u student "$IMAGE" id
  [ "$output" = "uid=1000(student) gid=1000(student) groups=1000(student),2000(lab)" ]
  minirun -u student: "$IMAGE" id
  [ "$output" = "uid=1000(student) gid=1000(student) groups=1000(student),2000(lab)" ]
  minirun -u :100 "$IMAGE" id
  [ "$output" = "uid=0(root) gid=100 groups=100" ]
  minirun -u student:root "$IMAGE" id
  [ "$output" = "uid=1000(student) gid=0(root) groups=0(root)" ]
  minirun -u 4711 "$IMAGE" id
  [ "$output" = "uid=4711 gid=0(root) groups=0(root)" ]
  minirun -u nobody-here "$IMAGE" id
  says_no "nobody-here"
  grep '^CapEff' <<< "$("$MINIRUN" -u student "$IMAGE" cat /proc/self/status)" | grep -q 0000000000000000
}

@test "working directory: the image's, or -w; made if missing; a file there is an error" {
  new_rootfs
  new_image '"WorkingDir":"/made/by/image"'
  minirun "$IMAGE" pwd
  [ "$output" = /made/by/image ]
  minirun -w /other "$IMAGE" sh -c 'pwd; stat -c "%a %u" .'
  [ "$output" = $'/other\n755 0' ]
  minirun -w /etc/passwd "$IMAGE" pwd
  says_no 'a file is there'
  minirun -w relative "$IMAGE" pwd
  says_no 'not an absolute path'
}

@test "a working directory that the user may not enter, and a root that only root may" {
  new_rootfs
  mkdir -m 700 "$ROOTFS/root"
  new_image '"WorkingDir":"/root","User":"student"'
  minirun "$IMAGE" sh -c 'pwd; id -u; ls . 2>&1'
  [ "$output" = $'/root\n1000\nls: .: Permission denied' ] || fail "not there"
  chmod 700 "$ROOTFS"
  new_image '"User":"student"'
  minirun "$IMAGE" sh -c 'id -u; stat -c %a /'
  [ "$output" = $'1000\n755' ] || fail "root is closed"
  minirun -i -u 4711 "$IMAGE" id -u < /dev/null
  [ "$output" = 4711 ] || fail "another user"
}

@test "an empty -u is the image's User" {
  new_rootfs
  new_image '"User":"student"'
  minirun -u "" "$IMAGE" id -u
  [ "$output" = 1000 ]
}

@test "hostname: the container's id, or -h; in /etc/hostname and HOSTNAME too" {
  minirun "$BUSYBOX" sh -c 'hostname; cat /etc/hostname; echo $HOSTNAME'
  [ "$(sort -u <<< "$output" | wc -l)" -eq 1 ]
  [[ ${lines[0]} =~ ^[0-9a-f]{12}$ ]]
  minirun -h lesson-1 "$BUSYBOX" sh -c 'hostname; cat /etc/hostname; echo $HOSTNAME'
  [ "$output" = $'lesson-1\nlesson-1\nlesson-1' ]
  [ "$(hostname)" != lesson-1 ]
}

@test "namespaces: mount, pid, uts, ipc, cgroup and network differ from the host's; --network host is the host's" {
  minirun "$BUSYBOX" sh -c 'for n in mnt pid uts ipc cgroup net user; do readlink /proc/self/ns/$n; done'
  for n in mnt pid uts ipc cgroup net; do
    ! grep -qxF "$(readlink /proc/self/ns/$n)" <<< "$output" || fail "$n is the host's"
  done
  minirun --network host "$BUSYBOX" readlink /proc/self/ns/net
  [ "$output" = "$(readlink /proc/self/ns/net)" ]
  minirun "$BUSYBOX" sh -c 'echo $$; cat /proc/self/cgroup | grep ^0:'
  [ "$output" = $'1\n0::/' ]
}

@test "the container's own name is in /etc/hosts, and /etc/mtab is there" {
  minirun -h box "$BUSYBOX" sh -c 'cat /etc/hosts; readlink /etc/mtab; grep -c " / " /etc/mtab'
  [ "$output" = $'127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\tbox\n/proc/mounts\n1' ] ||
    fail "another /etc"
  # What the image has at that place stays.
  new_rootfs
  echo mine > "$ROOTFS/etc/mtab"
  new_image
  minirun "$IMAGE" cat /etc/mtab
  [ "$output" = mine ]
}

@test "--network host: the host's name and hosts, and -h is in them" {
  minirun --network host "$BUSYBOX" sh -c 'hostname; cat /etc/hostname'
  [ "$output" = "$(hostname)"$'\n'"$(hostname)" ] || fail "another name"
  minirun --network host "$BUSYBOX" cat /etc/hosts
  ! diff /etc/hosts <(echo "$output") | grep -q '^<' || fail "not the host's"
  grep -qwF "$(hostname)" <<< "$output" || fail "without its name"
  minirun --network host -h box "$BUSYBOX" sh -c 'hostname; tail -n 1 /etc/hosts'
  [ "$output" = $'box\n127.0.0.1\tbox' ] || fail "-h"
}

@test "in a network of its own every user has ICMP and low ports, and the machine's own settings stay" {
  before=$(cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_unprivileged_port_start)
  minirun -u 4711 "$BUSYBOX" sh -c 'cd /proc/sys/net/ipv4; cat ping_group_range ip_unprivileged_port_start
    nc -l -p 80 & sleep 0.3; netstat -ltn | grep -c ":80 "; kill $!'
  [ "$output" = $'0\t2147483647\n0\n1' ] || fail "not for everybody"
  minirun --network host "$BUSYBOX" sh -c 'cd /proc/sys/net/ipv4; cat ping_group_range ip_unprivileged_port_start'
  [ "$output" = "$before" ] || fail "the host's were changed"
  [ "$before" = "$(cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_unprivileged_port_start)" ]
}

@test "loopback is up in a namespace of its own" {
  minirun "$BUSYBOX" sh -c 'ping -c 1 -w 2 127.0.0.1 > /dev/null 2>&1; cat /sys/class/net/lo/flags; ls /sys/class/net'
  [ "$output" = $'0x9\nlo' ]
}

@test "/dev has its nodes and no device of the machine; shm, mqueue and a devpts of its own" {
  minirun "$BUSYBOX" sh -c 'cd /dev; ls; stat -c "%n %t:%T %a" null zero full random urandom tty; ls pts'
  [ "$output" = "fd
full
mqueue
null
ptmx
pts
random
shm
stderr
stdin
stdout
tty
urandom
zero
null 1:3 666
zero 1:5 666
full 1:7 666
random 1:8 666
urandom 1:9 666
tty 5:0 666
ptmx" ] || fail "/dev: $output"
  minirun "$BUSYBOX" sh -c 'echo x > /dev/shm/x && echo y > /dev/null && head -c 4 /dev/zero | wc -c'
  [ "$output" = 4 ]
}

@test "the defaults: few capabilities, no_new_privs, seccomp" {
  minirun "$BUSYBOX" grep -E 'Cap|NoNewPrivs|^Seccomp:' /proc/self/status
  # chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot setfcap
  expected=00000000800405fb
  for set in CapPrm CapEff CapBnd; do grep -qP "^$set:\t$expected$" <<< "$output" || fail "$set: $output"; done
  for set in CapInh CapAmb; do grep -qP "^$set:\t0000000000000000$" <<< "$output" || fail "$set: $output"; done
  grep -qP '^NoNewPrivs:\t1$' <<< "$output"
  grep -qP '^Seccomp:\t2$' <<< "$output"
}

@test "stdin is /dev/null, or the caller's with -i" {
  run bash -c "echo typed | '$MINIRUN' '$BUSYBOX' cat"
  [ "$output" = "" ]
  run bash -c "echo typed | '$MINIRUN' -i '$BUSYBOX' cat"
  [ "$output" = typed ]
}

@test "signals are passed on; one that pid 1 does not handle ends it as it would outside" {
  for signal in INT TERM; do
    # bash ignores INT for what it starts in the background.
    env --default-signal "$MINIRUN" "$BUSYBOX" sleep 60 &
    eventually pgrep -P $! -x sleep
    kill -$signal $!
    status=0
    wait $! || status=$?
    [ "$status" -eq $((128 + $(kill -l $signal))) ] || fail "$signal: status $status"
  done
  "$MINIRUN" "$BUSYBOX" sh -c 'trap "echo got it; exit 3" USR1; echo ready; while :; do sleep 0.1; done' > "$WORK/out" &
  eventually grep -q ready "$WORK/out"
  kill -USR1 $!
  status=0
  wait $! || status=$?
  [ "$status" -eq 3 ]
  grep -q 'got it' "$WORK/out"
  nothing_is_left
}

@test "--name is unique while its container exists, and free again afterwards" {
  "$MINIRUN" --name one "$BUSYBOX" sleep 60 &
  eventually test -e "$MINIRUN_ROOT/names/one"
  minirun --name one "$BUSYBOX" true
  says_no 'the name one is taken'
  kill $!
  wait $! || true
  minirun --name one "$BUSYBOX" true
  [ "$status" -eq 0 ]
  nothing_is_left
}

@test "--keep keeps what it wrote; containers, diff and rm see to it" {
  minirun --keep --name kept "$BUSYBOX" sh -c 'echo new > /new; rm /bin/ls; rm -r /home; mkdir /home; echo >> /etc/passwd'
  [ "$status" -eq 0 ]
  id=$(sed -nE 's/.*kept as ([0-9a-f]{12}).*/\1/p' <<< "$stderr")
  minirun containers
  grep -qE "^$id  kept +kept" <<< "$output"
  minirun diff kept
  [ "$output" = "C /bin
D /bin/ls
C /etc
C /etc/passwd
C /home
A /new" ] || fail "diff: $output"
  minirun gc
  [ -d "$MINIRUN_ROOT/kept/$id" ]
  minirun rmi busybox-static:1
  says_no "used by container $id"
  minirun rm "${id:0:4}"
  [ "$status" -eq 0 ]
  nothing_is_left
}

@test "no start looks at a kept container, whose directory is elsewhere from the beginning" {
  local id
  "$MINIRUN" --keep --name busy "$BUSYBOX" sleep 60 &
  eventually "$MINIRUN" diff busy
  minirun containers
  grep -qE 'running +busy' <<< "$output" || fail "not running"
  kill $!
  wait $! || true
  minirun --keep --name k "$BUSYBOX" true
  id=$(basename "$(readlink "$MINIRUN_ROOT/names/k")")
  [ -d "$MINIRUN_ROOT/kept/$id/diff" ] && [ -z "$(ls "$MINIRUN_ROOT/containers")" ] || fail "where is it?"
  strace -f -o "$WORK/strace" "$MINIRUN" "$BUSYBOX" true
  grep -q getdents "$WORK/strace" && ! grep -E "kept|$id" "$WORK/strace" | grep -v faccessat || fail "it was looked at"
  [ "$("$MINIRUN" containers | grep -c kept)" -eq 2 ] || fail "not two"
  minirun --name k "$BUSYBOX" true
  says_no "the name k is taken by container $id"
  minirun rmi busybox-static:1
  says_no "used by container"
  minirun rm k
  [ "$status" -eq 0 ] && [ ! -L "$MINIRUN_ROOT/names/k" ] && [ ! -e "$MINIRUN_ROOT/kept/$id" ] || fail "the first"
  minirun rm busy
  nothing_is_left
}

@test "a store of an older minirun: what was kept there stays, is listed and can be removed" {
  local id
  minirun --keep "$BUSYBOX" touch /new
  id=$(ls "$MINIRUN_ROOT/kept")
  mv "$MINIRUN_ROOT/kept/$id" "$MINIRUN_ROOT/containers"
  ln -s "$id" "$MINIRUN_ROOT/containers/=$id"
  rmdir "$MINIRUN_ROOT/kept" "$MINIRUN_ROOT/names"
  minirun --name k "$BUSYBOX" true
  [ "$status" -eq 0 ] || fail
  minirun gc
  minirun diff "$id"
  [ "$output" = 'A /new' ] || fail "it is gone"
  minirun rm "$id"
  [ "$status" -eq 0 ] || fail
  rm "$MINIRUN_ROOT/containers/=$id"
  nothing_is_left
}

@test "a running container is listed, and can't be removed" {
  "$MINIRUN" --name busy "$BUSYBOX" sleep 60 &
  eventually pgrep -P $! -x sleep
  minirun containers
  grep -qE 'running +busy' <<< "$output"
  minirun rm busy
  says_no 'is running'
  kill $!
  wait $! || true
}

@test "options of Docker's that minirun doesn't have are refused by name, with what to use instead" {
  for option in -d -p --publish --restart --link --pull --gpus; do
    minirun "$option" x "$BUSYBOX"
    says_no "$option is Docker's"
    grep -q '^hint: ' <<< "$stderr"
  done
  minirun --netw none "$BUSYBOX"
  says_no 'unknown option --netw'
  minirun --rm "$BUSYBOX" true
  [ "$status" -eq 0 ]
}

@test "inspect, history and images tell what the store holds" {
  minirun load "$FIXTURES/two-tags-docker20.tar"
  [ "$status" -eq 0 ]
  minirun inspect hello-two
  [ "$(jq -r '.Config.config.Cmd[0]' <<< "$output")" = /hello ]
  [ "$(jq -r '.Layers | length' <<< "$output")" -eq 2 ]
  minirun history hello-two
  [[ $output == *COPY* || $output == *ADD* ]] || fail "history: $output"
  minirun images
  [ "$(grep -c '^hello-two\|^example.com' <<< "$output")" -eq 2 ]
  minirun rmi hello-two
  [ "$status" -eq 0 ]
  minirun images
  [ "$(grep -c 252ba8358089 <<< "$output")" -eq 1 ]
}

@test "a closed stdout is an error and never something of the store" {
  run bash -c "'$MINIRUN' images >&-"
  [ "$status" -eq 125 ]
  run bash -c "'$MINIRUN' '$BUSYBOX' sh -c 'echo x' >&-"
  [ "$status" -ne 0 ]
  run bash -c "'$MINIRUN' images > /dev/full"
  [ "$status" -eq 125 ]
}

@test "a reader of a list that has seen enough ends it without a word" {
  "$MINIRUN" load "$BUSYBOX"
  for command in images 'layers busybox-static:1' 'cat busybox-static:1 /bin/busybox' '--dry-run busybox-static:1 true' help; do
    run --separate-stderr bash -c "'$MINIRUN' $command | true; exit \${PIPESTATUS[0]}"
    [ "$status" -eq 141 ] || [ "$status" -eq 0 ] || fail "$command: status"
    [ -z "$stderr" ] || fail "$command: it complains"
  done
  run --separate-stderr bash -c "{ sleep 0.1; '$MINIRUN' images; } | true; exit \${PIPESTATUS[0]}"
  [ "$status" -eq 141 ] || fail "not ended by SIGPIPE"
}

@test "a progress bar stands on the terminal when a load takes over a second, and is wiped" {
  slowly="for n in 1 2 3 4 5 6 7 8; do dd bs=150000 count=1 iflag=fullblock status=none; sleep 0.3; done"
  script -qec "cat '$BUSYBOX' | { $slowly; } | '$MINIRUN' load -" "$WORK/screen" > /dev/null
  grep -q $'\x1b\\[Kloading [0-9.]* [kM]B' "$WORK/screen" || fail "no bar: $(cat -v "$WORK/screen")"
  grep -q 'Loaded image' "$WORK/screen"
  # A note that comes while it stands there takes its place; and TERM=dumb gets no escapes.
  foreign=$(forged case-52-foreign)
  slowly="head -c 1500; sleep 1.2; cat"
  script -qec "cat '$foreign' | { $slowly; } | '$MINIRUN' load -" "$WORK/screen" > /dev/null
  grep -q $'\x1b\[Kloading ' "$WORK/screen" || fail "no bar: $(cat -v "$WORK/screen")"
  grep -q $'\x1b\[Kminirun: note: ' "$WORK/screen" || fail "glued: $(cat -v "$WORK/screen")"
  script -qec "cat '$foreign' | { $slowly; } | TERM=dumb '$MINIRUN' load -" "$WORK/screen" > /dev/null
  ! grep -q $'\x1b' "$WORK/screen" || fail "escapes: $(cat -v "$WORK/screen")"
}

@test "inspect and history take an archive as well as a name" {
  minirun inspect "$FIXTURES/hello-skopeo-oci-zstd.tar"
  [ "$(jq -r '.Layers | length' <<< "$output")" -eq 2 ]
  minirun history "$FIXTURES/hello-world-docker20.tar.gz"
  [ "$status" -eq 0 ]
  minirun history no-such-image
  says_no 'no such file, and no image of that name'
}
