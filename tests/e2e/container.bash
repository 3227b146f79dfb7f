# What the end-to-end tests of containers share, on top of helpers.bash: images made of a directory, and what has to be
# gone when a container is.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # bats sets output, stderr and status; the tests use what is set here

BUSYBOX=$FIXTURES/busybox-docker20.tar.gz

# A root file system with a shell, in $ROOTFS, for a test to spoil.
new_rootfs() {
  ROOTFS=$WORK/rootfs
  mkdir -p "$ROOTFS"/bin "$ROOTFS"/etc "$ROOTFS"/tmp
  cp /bin/busybox "$ROOTFS"/bin/busybox
  local applet
  for applet in sh ls cat echo id stat mount touch mkdir rm sleep true pwd env head wc find readlink test df; do
    ln -s busybox "$ROOTFS/bin/$applet"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nstudent:x:1000:1000::/home/student:/bin/sh\n' > "$ROOTFS/etc/passwd"
  printf 'root:x:0:\nstudent:x:1000:\nlab:x:2000:student\n' > "$ROOTFS/etc/group"
}

# Makes $IMAGE of $ROOTFS; $1: further members of the config, as JSON; its Cmd is /bin/sh, unless $COMMAND is empty.
new_image() {
  IMAGE=$WORK/image.tar.gz
  local members=${1-}
  [ -z "${COMMAND-default}" ] || members="\"Cmd\":[\"/bin/sh\"]${members:+,$members}"
  "$top/examples/make-image" "$IMAGE" test:latest "{$members}" "$ROOTFS"
}

# An image and options with which each kind of step comes at least once.
every_step() {
  new_rootfs
  mkdir -p "$ROOTFS/filled/in" "$ROOTFS/declared" "$WORK/data"
  echo from the image > "$ROOTFS/filled/in/file"
  new_image '"Volumes":{"/declared":{}}'
  # shellcheck disable=SC2054  # the commas are minirun's
  options=(-v "$WORK/data:/data:ro" -v "$WORK/missing:/made" -v vol:/filled --mount type=tmpfs,target=/t1
    --tmpfs /t2:exec,suid,size=1m,mode=700 --name n --read-only -w /srv/dir -u student -h truth
    --device /dev/zero:/dev/given/zero:r)
  # Where no cgroup hierarchy has the controller, these steps can't be.
  has_controller memory && options+=(-m 64m --memory-reservation 32m)
  has_controller cpu && options+=(--cpus 0.9 --cpu-shares 512)
  has_controller cpuset && options+=(--cpuset-cpus 0)
  has_controller pids && options+=(--pids-limit 100)
  true
}

# has_controller NAME: whether a limit of that kind can be set, by cgroup v2 or v1.
has_controller() {
  local v2
  v2=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
  { [ -n "$v2" ] && grep -qw "$1" "$v2/cgroup.controllers"; } ||
    findmnt -nlt cgroup -o OPTIONS | grep -qwE "(^|.*,)$1(,.*|$)"
}

# What a container may leave outside the store's layers: nothing.
leftovers() {
  find "$MINIRUN_ROOT"/{containers,kept,names,staging} -mindepth 1 -maxdepth 1
  find "$MINIRUN_ROOT"/volumes -mindepth 2 -maxdepth 2 -name anonymous
  grep " $MINIRUN_ROOT/" /proc/self/mountinfo
  local cgroups
  cgroups=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
  [ -z "$cgroups" ] || find "$cgroups" -maxdepth 1 -name 'minirun-*'
  true
}

nothing_is_left() {
  local left
  left=$(leftovers)
  [ -z "$left" ] || fail "left behind: $left"
}

# exits CODE ARGUMENT...: as `minirun`, and the status has to be this one.
exits() {
  local code=$1
  shift
  ran="minirun $*"
  run "-$code" --separate-stderr timeout 60 "$MINIRUN" "$@"
}

# The step ids of a run of the image with these options, in order.
step_ids() {
  "$MINIRUN" "$@" --break-after no-such-step "$IMAGE" true 2>&1 |
    sed -n 's/^hint: its steps are: //p' | tr -d ',' | tr ' ' '\n'
}

# Waits until a condition holds, for at most ten seconds.
eventually() {
  local i
  for ((i = 0; i < 200; i++)); do
    if "$@" 2> /dev/null; then return 0; fi
    sleep 0.05
  done
  if "$@"; then return 0; fi # once more, to see what it says
  fail "never came true: $*"
}
