#!/usr/bin/env bats
# Case 34: a device node opens nothing, whatever way it came to stand in a container. Two locks, each tested without the other:
# every mount but /dev is nodev, and a device cgroup denies all but Docker's list.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016,SC2030,SC2031

load helpers
load container
load outer

# Opens what is named; each has to say no, by nodev (EACCES) or the cgroup (EPERM).
TRY=': > /tmp/why || exit 1; for node; do
  if head -c 1 "$node" > /dev/null 2> /tmp/why; then echo "$node opens"
  elif ! grep -qE "Permission denied|not permitted" /tmp/why; then cat /tmp/why; fi
  if (: >> "$node") 2> /dev/null; then echo "$node opens for writing"; fi
done; echo tried $#'

# nodes DIR: a disk, and a device that the cgroup allows, so that only nodev stands before it.
nodes() {
  mkdir -p "$1"
  mknod -m 666 "$1/disk" b 7 0
  mknod -m 666 "$1/zero" c 1 5
}

# tries OPTION... IMAGE -- NODE...: as root and as a user.
tries() {
  local options=() user
  while [ "$1" != -- ]; do options+=("$1") && shift; done
  shift
  for user in 0 1000; do
    minirun -u "$user" --tmpfs /tmp:mode=1777 "${options[@]}" /bin/sh -c "$TRY" sh "$@"
    [ "$output" = "tried $#" ] || fail "user $user"
  done
}

# layered DIR...: $IMAGE of several layers, the lowest first.
layered() {
  local out=$WORK/layered dir number=0 ids='' names=''
  rm -rf "$out" && mkdir "$out"
  for dir; do
    number=$((number + 1))
    tar -C "$dir" -cf "$out/$number.tar" .
    ids+=",\"sha256:$(sha256sum "$out/$number.tar" | cut -d' ' -f1)\""
    names+=",\"$number.tar\""
  done
  echo "{\"architecture\":\"$(dpkg --print-architecture)\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]$EXTRA},
    \"rootfs\":{\"type\":\"layers\",\"diff_ids\":[${ids#,}]}}" > "$out/config.json"
  echo "[{\"Config\":\"config.json\",\"RepoTags\":[\"devices:latest\"],\"Layers\":[${names#,}]}]" > "$out/manifest.json"
  IMAGE=$WORK/layered.tar
  tar -C "$out" -cf "$IMAGE" .
}

@test "case 34: a node of the image: in a layer, by a hard link, after a whiteout and back, copied up, in place of a FIFO" {
  new_rootfs
  nodes "$ROOTFS/n"
  ln "$ROOTFS/n/disk" "$ROOTFS/n/linked"
  mkdir -p "$WORK/up" "$WORK/again"
  nodes "$WORK/up/gone"
  mkfifo "$WORK/up/fifo"
  mkdir "$WORK/again/gone"
  touch "$WORK/again/gone/.wh.disk"
  mkdir -p "$WORK/last/gone"
  mknod -m 666 "$WORK/last/gone/disk" b 7 0
  mknod -m 666 "$WORK/last/fifo" b 7 0
  EXTRA='' layered "$ROOTFS" "$WORK/up" "$WORK/again" "$WORK/last"
  tries "$IMAGE" -- /n/disk /n/zero /n/linked /gone/disk /gone/zero /fifo
  # touched, so that it is copied up; renamed and linked inside
  minirun --tmpfs /tmp "$IMAGE" /bin/sh -c 'chmod 777 /n/disk && mv /n/zero /n/moved && ln /n/disk /n/again &&
    mv /fifo /gone/fifo && set -- /n/disk /n/moved /n/again /gone/fifo && '"$TRY"
  [ "$output" = "tried 4" ] || fail "copied up"
}

@test "case 34: a node of the image in its own Volumes and where -v name: fills, left out and said once" {
  new_rootfs
  nodes "$ROOTFS/v"
  nodes "$ROOTFS/v/deep"
  mkfifo "$ROOTFS/v/pipe"
  echo kept > "$ROOTFS/v/file"
  new_image '"Volumes":{"/v":{}}'
  for user in 0 1000; do
    for volume in "" "-v named-$user:/v" "--mount type=volume,source=other-$user,target=/v"; do
      # shellcheck disable=SC2086  # options of two words
      minirun -u $user $volume "$IMAGE" /bin/sh -c 'cat /v/file; test -p /v/pipe && find /v -type b -o -type c'
      [ "$output" = kept ] || fail "volume ${volume:-of the image}"
      [ "$(grep -c 'without the image.s device nodes' <<< "$stderr")" = 1 ] || fail "not said once"
      [[ $stderr == *"the volume on /v is filled without the image's device nodes (/v/d"* ]] || fail "not said of /v"
    done
  done
  # The second time there is nothing to fill, and nothing to say.
  minirun -v named-0:/v "$IMAGE" /bin/cat /v/file
  [ "$output" = kept ]
  [[ $stderr != *"device nodes"* ]] || fail "said again"
}

@test "case 34: a node of the host: in a volume, in a bind mount, below one, as one; as another container left it" {
  new_rootfs
  new_image
  minirun -v named:/v "$IMAGE" /bin/true
  nodes "$MINIRUN_ROOT/volumes/named/_data"
  nodes "$WORK/bound"
  mkdir "$WORK/bound/below"
  mount -t tmpfs below "$WORK/bound/below"
  nodes "$WORK/bound/below"
  tries -v named:/v "$IMAGE" -- /v/disk /v/zero
  tries -v named:/v:ro --read-only "$IMAGE" -- /v/disk /v/zero
  tries --mount type=volume,source=named,target=/v "$IMAGE" -- /v/disk /v/zero
  tries -v "$WORK/bound:/b" "$IMAGE" -- /b/disk /b/zero /b/below/disk /b/below/zero
  tries --mount "type=bind,source=$WORK/bound,target=/b,readonly" "$IMAGE" -- /b/disk /b/below/zero
  tries -v "$WORK/bound/disk:/m" -v "$WORK/bound/zero:/dev/mine" "$IMAGE" -- /m /dev/mine
  [[ $stderr == *"/zero is a device, and can't be opened inside"* ]] || fail "not said"
  umount "$WORK/bound/below"
  # Two at once: what the first makes, the second has.
  "$MINIRUN" -v named:/v "$IMAGE" /bin/sh -c 'mkdir /v/ready; sleep 20' &
  eventually test -d "$MINIRUN_ROOT/volumes/named/_data/ready"
  mknod -m 666 "$MINIRUN_ROOT/volumes/named/_data/late" b 7 0
  tries -v named:/w "$IMAGE" -- /w/late /w/disk
  kill $!
  wait $! || true
}

@test "case 34: no node can be made inside, and a tmpfs has none" {
  new_rootfs
  ln -s busybox "$ROOTFS/bin/mknod"
  new_image
  minirun --tmpfs /t:exec,suid,mode=777 -v v:/v "$IMAGE" /bin/sh -c \
    'for dir in / /t /v /dev /dev/shm; do mknod $dir/n b 7 0 && echo made in $dir; mknod $dir/n c 1 5 && echo made in $dir; done'
  [ -z "$output" ] || fail "made"
  minirun --tmpfs /t:dev "$IMAGE" /bin/true
  says_no "no mount of a container but its /dev has devices"
}

@test "every mount but /dev and what is made of it is nodev" {
  every_step
  mkdir "$WORK/data/below"
  mount -t tmpfs below "$WORK/data/below"
  minirun "${options[@]}" "$IMAGE" cat /proc/self/mountinfo
  [ "$status" -eq 0 ] || fail "it doesn't run"
  umount "$WORK/data/below"
  # proc's own parts that are made read only, and the /dev/null that files are masked with, are covered by procfs's nodev
  # and are the container's own /dev.
  awk '$6 !~ /(^|,)nodev(,|$)/ && $5 != "/dev" && $5 != "/dev/pts" && $4 != "/null" { print; bad = 1 } END { exit bad }' \
    <<< "$output" || fail "not nodev"
  [ "$(grep -c . <<< "$output")" -gt 20 ] || fail "too few mounts"
}

# in_group GROUP SCRIPT: a process of the host in the container's cgroup, where no nodev stands before a node.
in_group() { bash -c 'echo $$ > "$0/cgroup.procs" && eval "$1"' "$@"; }

# What is allowed and what is not, tried by a process that is in the group alone.
check_group() {
  local group=$1 dir=$WORK/nodes node
  mkdir "$dir"
  mknod "$dir/mem" c 1 1
  mknod "$dir/kmsg" c 1 11
  mknod "$dir/disk" b 7 0
  mknod "$dir/console" c 5 1
  for node in mem kmsg disk; do
    run in_group "$group" "head -c 1 $dir/$node 2>&1 > /dev/null"
    [[ $output == *"Operation not permitted"* ]] || fail "$node: $output"
    run in_group "$group" ": >> $dir/$node 2>&1"
    [[ $output == *"Operation not permitted"* ]] || fail "$node for writing: $output"
  done
  for node in zero full random urandom; do
    in_group "$group" "head -c 1 /dev/$node > /dev/null" || fail "$node"
  done
  in_group "$group" "head -c 0 < /dev/null; : > /dev/null" || fail "null"
  in_group "$group" ": < /dev/ptmx" || fail "ptmx"
  in_group "$group" "mknod $dir/made b 8 0" || fail "a node can't be made"
  # The same nodes open outside, so the test would notice a lock that isn't there.
  : < "$dir/kmsg" || fail "kmsg doesn't open on the host"
}

@test "the device cgroup of v2 allows Docker's list and nothing else" {
  cgroups=$(findmnt -nlt cgroup2 -o TARGET | head -n 1)
  [ -n "$cgroups" ] || skip "no cgroup v2 is mounted"
  "$MINIRUN" --name g "$BUSYBOX" sleep 20 &
  eventually test -e "$MINIRUN_ROOT/names/g"
  group=$cgroups/minirun-$(basename "$(readlink "$MINIRUN_ROOT/names/g")")
  eventually pgrep -P $! -x sleep
  check_group "$group"
  if command -v bpftool > /dev/null; then
    bpftool cgroup list "$group" | grep -q device || fail "no program"
  fi
  kill $!
  wait $! || true
  nothing_is_left
}

@test "the device cgroup of v1, where there is only that" {
  grep -qE ' cgroup .*[ ,]devices(,|$)' /proc/self/mountinfo || skip "no cgroup v1 with devices is mounted"
  unshare -m bash -c '
    while umount -l "$(findmnt -nlt cgroup2 -o TARGET | head -n 1)" 2> /dev/null; do :; done
    "$0" --name g "$1" sleep 20' "$MINIRUN" "$BUSYBOX" &
  eventually test -e "$MINIRUN_ROOT/names/g"
  devices=$(awk '/ cgroup .*[ ,]devices(,|$)/ { print $5; exit }' /proc/self/mountinfo)
  group=$devices/minirun-$(basename "$(readlink "$MINIRUN_ROOT/names/g")")
  eventually grep -q . "$group/cgroup.procs"
  eventually grep -q '^c 136' "$group/devices.list"
  check_group "$group"
  kill $!
  wait $! || true
  [ ! -e "$group" ] || fail "the group is left"
  nothing_is_left
}
