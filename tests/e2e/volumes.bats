#!/usr/bin/env bats
# Bind mounts, volumes, tmpfs: what stays, what is copied, what is refused.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

@test "what is written to a bind mount stays; a relative source is taken from where the caller stands" {
  mkdir "$WORK/data"
  echo before > "$WORK/data/old"
  pushd "$WORK" > /dev/null
  minirun -v ./data:/data "$BUSYBOX" sh -c 'cat /data/old; echo after > /data/new'
  popd > /dev/null
  [ "$output" = before ]
  [ "$(cat "$WORK/data/new")" = after ]
  nothing_is_left
}

@test "a file can be bound, on a path that the image does not have" {
  echo content > "$WORK/file"
  minirun -v "$WORK/file:/some/where/file" "$BUSYBOX" cat /some/where/file
  [ "$output" = content ]
}

@test "-v makes a missing source as a directory and says so; --mount refuses it" {
  minirun -v "$WORK/not/there:/data" "$BUSYBOX" touch /data/x
  [ "$status" -eq 0 ]
  [[ $stderr == *"does not exist: made as a directory"* ]]
  [ -e "$WORK/not/there/x" ]
  minirun --mount "type=bind,source=$WORK/nor/there,target=/data" "$BUSYBOX" true
  says_no 'does not exist'
  [ ! -e "$WORK/nor" ]
}

@test "case 76: :ro is read-only all the way down, mounts below included" {
  mkdir -p "$WORK/data/below"
  mount -t tmpfs below "$WORK/data/below"
  minirun -v "$WORK/data:/data:ro" "$BUSYBOX" sh -c 'touch /data/x; touch /data/below/x'
  [ "$(grep -c 'Read-only file system' <<< "$stderr")" -eq 2 ] || fail "not read-only"
  minirun --mount "type=bind,source=$WORK/data,target=/data,readonly" "$BUSYBOX" touch /data/below/x
  [ "$status" -eq 1 ]
  umount "$WORK/data/below"
}

@test "a named volume outlives its container, and gets the image's content once, while it is empty" {
  new_rootfs
  mkdir -p "$ROOTFS/data/sub"
  echo image > "$ROOTFS/data/file"
  ln "$ROOTFS/data/file" "$ROOTFS/data/sub/hardlink"
  ln -s file "$ROOTFS/data/symlink"
  chmod 2750 "$ROOTFS/data/sub"
  new_image
  minirun -v vol:/data "$IMAGE" sh -c 'cat /data/file; stat -c %h /data/file; readlink /data/symlink; stat -c %a /data/sub; rm /data/file; echo mine > /data/own'
  [ "$output" = $'image\n2\nfile\n2750' ] || fail "filled: $output"
  minirun -v vol:/data "$IMAGE" ls /data
  [ "$output" = $'own\nsub\nsymlink' ]
  minirun -v other:/data:nocopy "$IMAGE" ls /data
  [ "$output" = "" ]
  minirun volumes
  [ "$output" = $'other\nvol' ]
  minirun volume rm vol
  [ "$status" -eq 0 ]
  minirun volumes
  [ "$output" = other ]
}

@test "an anonymous volume goes with its container; with --keep it stays as long" {
  minirun -v /data "$BUSYBOX" sh -c 'echo x > /data/x; mount | grep -c " /data "'
  [ "$output" = 1 ]
  nothing_is_left
  minirun --keep --name k -v /data "$BUSYBOX" sh -c 'echo x > /data/x'
  [ "$(cat "$MINIRUN_ROOT"/volumes/*/_data/x)" = x ]
  minirun volumes
  [ "$output" = "" ]
  minirun rm k
  nothing_is_left
}

@test "the image's Volumes are anonymous volumes, unless something is mounted there" {
  new_rootfs
  mkdir "$ROOTFS/declared"
  echo image > "$ROOTFS/declared/file"
  new_image '"Volumes":{"/declared":{},"/also":{}}'
  minirun "$IMAGE" sh -c 'cat /declared/file; mount | grep -cE " /(declared|also) "'
  [ "$output" = $'image\n2' ]
  nothing_is_left
  minirun --tmpfs /declared "$IMAGE" sh -c 'ls /declared; mount | grep " /declared " | cut -d" " -f1'
  [ "$output" = tmpfs ]
}

@test "--tmpfs takes options; --read-only leaves volumes and tmpfs writable" {
  minirun --tmpfs /t:size=1m,mode=700 --read-only -v vol:/v "$BUSYBOX" \
    sh -c 'stat -c %a /t; echo x > /t/x && echo x > /v/x && echo both; echo x > /x'
  [ "$output" = $'700\nboth' ]
  [[ $stderr == *"Read-only file system"* ]]
  minirun --mount type=tmpfs,target=/t,tmpfs-size=65536 "$BUSYBOX" dd if=/dev/zero of=/t/x bs=1k count=100
  [[ $stderr == *"No space left"* ]]
}

@test "the same target twice, a reserved or relative one, and a bad option are usage errors" {
  minirun -v "$WORK:/data" --tmpfs /data/ "$BUSYBOX" true
  says_no '/data is the target of two mounts'
  for target in / /proc /proc/sys /sys /dev; do
    minirun -v "$WORK:$target" "$BUSYBOX" true
    says_no "nothing can be mounted on"
  done
  minirun -v "$WORK:data" "$BUSYBOX" true
  says_no 'must be an absolute path'
  minirun -v "$WORK:/data:rx" "$BUSYBOX" true
  says_no 'unknown option rx'
  minirun --mount "type=bind,source=$WORK,target=/data,frob=1" "$BUSYBOX" true
  says_no 'frob means nothing'
}

@test "case 74: a volume's name can't be a path, and its directory can't be replaced by a symlink" {
  for name in ../../etc .. a/b .hidden; do
    minirun --mount "type=volume,source=$name,target=/data" "$BUSYBOX" true
    says_no 'no volume name'
  done
  minirun -v "a/b:/data" "$BUSYBOX" true
  says_no 'no volume name'
  minirun -v vol:/data "$BUSYBOX" true
  rm -r "$MINIRUN_ROOT/volumes/vol/_data"
  ln -s "$VICTIM" "$MINIRUN_ROOT/volumes/vol/_data"
  exits 125 -v vol:/data "$BUSYBOX" touch /data/x
  [[ $stderr == *symlink* ]]
  rm -r "$MINIRUN_ROOT/volumes/vol"
  ln -s "$VICTIM" "$MINIRUN_ROOT/volumes/vol"
  exits 125 -v vol:/data "$BUSYBOX" touch /data/x
  [[ $stderr == *symlink* ]]
  victim_is_unchanged
}

@test "generated /etc/hosts, hostname and resolv.conf are never in the upper directory; the user's own wins" {
  minirun --keep --name k "$BUSYBOX" sh -c 'cat /etc/hosts > /copy; head -n 1 /copy'
  [[ $output == 127.0.0.1*localhost ]]
  minirun diff k
  [ "$output" = "A /copy" ]
  echo 'my own' > "$WORK/hosts"
  minirun -v "$WORK/hosts:/etc/hosts" "$BUSYBOX" cat /etc/hosts
  [ "$output" = 'my own' ]
  minirun -v etc:/etc "$BUSYBOX" cat /etc/hosts
  [[ $output == 127.0.0.1*localhost* ]] || fail "a volume on /etc hides the hosts file"
}

@test "--tmpfs over a directory has its mode and owner unless told otherwise; a new one is 1777" {
  new_rootfs
  mkdir -m 2750 "$ROOTFS/mine"
  mkdir -m 700 "$ROOTFS/closed"
  new_image
  seen='stat -c "%n %a %u:%g" /mine /closed /new'
  minirun --tmpfs /mine --tmpfs /closed --tmpfs /new "$IMAGE" sh -c "$seen"
  [ "$output" = $'/mine 2750 0:0\n/closed 700 0:0\n/new 1777 0:0' ] || fail "plain"
  minirun --tmpfs /mine:mode=711,uid=7 --tmpfs /closed:gid=8,size=1m --tmpfs /new:mode=700 "$IMAGE" sh -c "$seen"
  [ "$output" = $'/mine 711 7:0\n/closed 700 0:8\n/new 700 0:0' ] || fail "told otherwise"
  minirun --mount type=tmpfs,target=/mine --mount type=tmpfs,target=/closed,tmpfs-mode=755 --tmpfs /new "$IMAGE" sh -c "$seen"
  [ "$output" = $'/mine 2750 0:0\n/closed 755 0:0\n/new 1777 0:0' ] || fail "--mount"
  # An owner is kept too, of a directory in a volume for one.
  mkdir -p "$WORK/data/inner"
  chown 1000:2000 "$WORK/data/inner"
  minirun -v "$WORK/data:/data" --tmpfs /data/inner "$IMAGE" stat -c "%a %u:%g" /data/inner
  [ "$output" = "755 1000:2000" ] || fail "the owner"
}

@test "--read-only: /etc/hosts, hostname and resolv.conf can't be written either" {
  minirun --read-only "$BUSYBOX" sh -c 'for f in hosts hostname resolv.conf; do echo x >> /etc/$f; done; cat /etc/hosts | wc -l'
  [ "$output" = 3 ] || fail "written"
  [ "$(grep -c 'Read-only file system' <<< "$stderr")" = 3 ] || fail "another reason"
  minirun "$BUSYBOX" sh -c 'for f in hosts hostname resolv.conf; do echo x >> /etc/$f; done; tail -n 1 /etc/hosts'
  [ "$output" = x ] || fail "not writable without it"
}

@test "a bind mount follows the host's mounts with rslave, not without, and never the other way" {
  mkdir -p "$WORK/data/late"
  run unshare --mount --propagation shared bash -c '
    cd "$0"
    for mode in rslave rshared rprivate; do
      mkfifo started go 2> /dev/null
      "$1" -v "$0/data:/data:$mode" --mount "type=bind,source=$0,target=/w" "$2" sh -c "
        echo > /w/started; read x < /w/go; test -e /data/late/file && echo $mode follows || echo $mode does not" &
      read -r x < started
      mount -t tmpfs late data/late && touch data/late/file
      echo > go
      wait $!
      umount data/late
    done
    # Nothing inside can mount, so nothing comes out.
    "$1" -v "$0/data:/data:rshared" "$2" mount -t tmpfs x /data/late 2>&1' "$WORK" "$MINIRUN" "$BUSYBOX"
  [ "${lines[0]}${lines[1]}${lines[2]}" = 'rslave followsrshared followsrprivate does not' ] || fail "$output"
  [[ ${lines[3]} == *"not permitted"* || ${lines[3]} == *"denied"* ]] || fail "mounted: $output"
}

@test "--mount: a comma in a path, and bind-nonrecursive leaves out what is mounted below" {
  mkdir -p "$WORK/a,b/below"
  mount -t tmpfs below "$WORK/a,b/below"
  touch "$WORK/a,b/below/file"
  minirun --mount "type=bind,\"source=$WORK/a,b\",target=/m" "$BUSYBOX" ls /m/below
  [ "$output" = file ] || fail "with it"
  minirun --mount "type=bind,\"source=$WORK/a,b\",target=/m,bind-nonrecursive" "$BUSYBOX" ls /m/below
  [ "$output" = "" ] || fail "without it"
  umount "$WORK/a,b/below"
}

@test "--env-file: with a byte order mark, of a pipe, and a name alone that the caller has not" {
  new_rootfs
  new_image '"Env":["KEPT=image"]'
  printf '\xef\xbb\xbfFIRST=1\nKEPT\n' > "$WORK/bom"
  minirun --env-file "$WORK/bom" "$IMAGE" sh -c 'echo $FIRST $KEPT'
  [ "$output" = '1 image' ] || fail "byte order mark"
  run bash -c '"$0" --env-file <(echo FROM=pipe; echo KEPT) "$1" sh -c "echo \$FROM \$KEPT"' "$MINIRUN" "$IMAGE"
  [ "$output" = 'pipe image' ] || fail "a pipe"
  minirun -e KEPT "$IMAGE" sh -c 'echo ${KEPT-gone}'
  [ "$output" = gone ] || fail "-e removes"
}

@test "a bad value is refused before anything is loaded or made" {
  before=$(store_state)
  while read -r words; do
    # shellcheck disable=SC2086  # options and their values
    minirun $words "$BUSYBOX" true
    says_no .
    [ "$(store_state)" = "$before" ] || fail "$words: something was made"
  done << END
--tmpfs /t:size=x
--tmpfs /t:mode=999
--tmpfs /t:frob
--tmpfs t
-v $WORK/new:/m:maybe
-v $WORK/new:/m:ro,rw
-v $WORK/new:m
-v a/b:/m
--mount type=bind,source=$WORK/new,target=/m
--mount type=bind,source=$WORK,target=/m,frob=1
--mount type=frob,target=/m
--mount type=bind,source=$WORK,target=/m,bind-propagation=x
-v v:/m --tmpfs /m
--network bridge
--name a/b
-h _
-w relative
-e =x
--env-file $WORK/missing
--read-only=maybe
END
  [ ! -e "$WORK/new" ] || fail "a source was made"
}
