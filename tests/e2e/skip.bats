#!/usr/bin/env bats
# A container with a step left out runs or says why not, and does no harm that nobody asked for; skip_harm.bats shows the
# harm that was. Each runs inside namespaces that stand for the host (outer.bash).

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016

load helpers
load container
load outer

@test "every step: without it the container runs or fails with a clean error, and the host side is undone" {
  new_rootfs
  new_image '"Volumes":{"/declared":{}}'
  mkdir "$WORK/data"
  # The working directory is one that the host has too, for where the root is still the host's.
  options=(-v "$WORK/data:/data" -v "$WORK/missing:/missing" --tmpfs /t --name n -w "$WORK" --read-only)
  mapfile -t ids < <(step_ids "${options[@]}" -v named:/named)
  [ "${#ids[@]}" -gt 55 ] || fail "too few steps: ${ids[*]}"
  [[ " ${ids[*]} " == *" flush-layers "* ]] || fail "not all steps"
  number=0
  for id in "${ids[@]}"; do
    # A volume and a source that aren't there yet, and layers that aren't flushed.
    rm -rf "$WORK/missing" "$WORK/data/written"
    number=$((number + 1))
    [ "$id" != flush-layers ] || export MINIRUN_ROOT=$WORK/other-store
    outer '
      id=$1 image=$2
      shift 2
      c "$@" --skip "$id" "$image" sh -c "echo ran" > out 2> err
      echo "$?" > status
      ls -A "$MINIRUN_ROOT/containers" | silent_on .
      [ -z "$CGROUPS" ] || find "$CGROUPS" -name "minirun-*" | silent_on .
      silent_on "$MINIRUN_ROOT" < /proc/self/mountinfo' \
      "$id" "$IMAGE" "${options[@]}" -v "named-$number:/named"
    code=$(cat "$WORK/status")
    case $id in
      clone | exec | wait)
        grep -qx "minirun: --skip $id: this step can't be left out" "$WORK/err" || fail "$id: $(cat "$WORK/err")"
        grep -q '^hint: without ' "$WORK/err" || fail "$id: no reason"
        ;;
      *)
        grep -qE "^minirun: note: step $id is left out: .{20}" "$WORK/err" || fail "$id: not told: $(cat "$WORK/err")"
        ;;
    esac
    case $id in
      clone | exec | wait | dir | dir-* | file-hosts | file-hostname | file-resolv | make-* | overlay | dev | dev-nodes | no-new-privs)
        [ "$code" = 125 ] || fail "$id: status $code"
        [ ! -s "$WORK/out" ] || fail "$id: it ran"
        ;;&
      clone | exec | wait) ;;
      dir | dir-* | file-hosts | file-hostname | file-resolv | make-* | overlay | dev | dev-nodes | no-new-privs)
        failed=$(sed -nE 's/^minirun: step ([a-z0-9-]+): .+/\1/p' "$WORK/err")
        [[ -n "$failed" && " ${ids[*]} " == *" $failed "* ]] || fail "$id: no step is named: $(cat "$WORK/err")"
        ;;
      *)
        [ "$code" = 0 ] || fail "$id: status $code: $(cat "$WORK/err")"
        [ "$(cat "$WORK/out")" = ran ] || fail "$id: it didn't run"
        ;;
    esac
  done
}

@test "private: on a shared tree the mounts appear outside and stay, pivot_root says EINVAL, and what is told cleans up" {
  outer --shared '
    c --skip private "$BUSYBOX" true 2> err && fail "it ran"
    says "^minirun: step pivot-root: pivot_root .*: Invalid argument$" < err
    says "/merged/proc .* - proc " < /proc/self/mountinfo
    says "^  undo dir: cannot remove [0-9a-f]{12}/merged: something is mounted on it; umount -R " < err
    "$MINIRUN" gc 2> again && fail "gc says that it is clean"
    says "something is mounted on it; umount -R " < again
    command=$(sed -nE "s/.*; (umount -R .*), and then minirun gc$/\1/p" err)
    bash -c "$command" || fail "$command"
    "$MINIRUN" gc || fail "gc: $?"
    silent_on "$MINIRUN_ROOT" < /proc/self/mountinfo
    ls -A "$MINIRUN_ROOT/containers" | silent_on .'
}

@test "private: whatever else is left out, nothing that the host has mounted is unmounted" {
  outer --shared '
    # Only the store is private, so that pivot_root has no reason to refuse.
    mkdir "$WORK/mine"
    mount --make-private -t tmpfs mine "$WORK/mine" && mount --make-private "$WORK/mine"
    export MINIRUN_ROOT=$WORK/mine/store
    mkdir "$WORK/point"
    mount -t tmpfs point "$WORK/point"
    cd "$WORK/point"
    cat /proc/self/mountinfo > "$WORK/before"
    for skips in "private" "private detach" "private pivot-root" "private pivot-root detach overlay" \
      "private masks read-only-paths proc" "private session seccomp caps bounding no-new-privs"; do
      args=()
      for step in $skips; do args+=(--skip "$step"); done
      c "${args[@]}" -v "$WORK/point:/p" "$BUSYBOX" true > "$WORK/out" 2>&1
      status=$?
      case $skips in *overlay*) [ $status = 125 ] ;; *) [ $status = 0 ] ;; esac || fail "$skips: $status" "$(cat "$WORK/out")"
      diff "$WORK/before" /proc/self/mountinfo || fail "$skips: mounts are gone or new"
    done'
}

@test "in a directory that is a mount point, nothing of the host is unmounted without pivot-root" {
  outer '
    mkdir point
    mount -t tmpfs point point
    cd point
    cat /proc/self/mountinfo > ../before
    c --skip pivot-root "$BUSYBOX" true 2> /dev/null || fail "it fails"
    c --skip private --skip pivot-root "$BUSYBOX" true 2> /dev/null || fail "it fails"
    diff ../before /proc/self/mountinfo || fail "mounts are gone or new"'
}

@test "what the image has in the place of /dev/null or of /proc makes nothing wait" {
  new_rootfs
  mkdir -p "$ROOTFS/dev" "$ROOTFS/proc/self"
  mkfifo "$ROOTFS/dev/null" "$ROOTFS/proc/self/oom_score_adj"
  new_image
  outer '
    c --skip proc "$1" sh -c "echo ran" 2> /dev/null | says "^ran$"
    c --skip dev --skip dev-nodes --skip masks "$1" true 2>&1 | says "step stdin: /dev/null is not a device"' "$IMAGE"
}

@test "minirun's own file is no program, wherever a relative name is looked for" {
  new_rootfs
  printf '#!/proc/self/exe\n' > "$ROOTFS/run-me"
  mkdir "$ROOTFS/dir"
  cp "$ROOTFS/bin/busybox" "$ROOTFS/dir/run-me"
  chmod 755 "$ROOTFS/run-me"
  new_image
  outer 'c -w /dir --skip workdir "$1" ./run-me 2>&1 | says "leads to minirun.s own process"' "$IMAGE"
}

@test "several at once, one twice, one that isn't there, and parts of loading" {
  outer '
    c --skip hostname --skip seccomp --skip proc --skip seccomp -h in "$BUSYBOX" sh -c "hostname; ps | wc -l" 2> err | tr "\n" " " | says "^outer 1 $"
    grep -c "is left out: " err | says "^4$"
    c --skip proc --skip no-such "$BUSYBOX" true 2>&1 | says "^minirun: --skip no-such: this run has no such step$"
    c --skip bind "$BUSYBOX" true 2>&1 | says "^hint: its steps are: dir, .*, bind-hosts, "
    c --skip unpack-layer "$BUSYBOX" true 2>&1 | says "^hint: every image is verified on its way into the store"
    c --skip "" "$BUSYBOX" true 2>&1 | says "needs a value"'
}

@test "without a terminal it takes --yes-break-it; before anything is loaded; with one it doesn't" {
  outer '
    "$MINIRUN" --skip proc "$BUSYBOX" true > out 2> err < /dev/null && fail "it ran"
    says "nobody is watching" < err
    says "^hint: --yes-break-it" < err
    "$MINIRUN" images | wc -l | says "^1$"
    script -qec "$MINIRUN --skip hostname $BUSYBOX hostname" /dev/null < /dev/null > out || fail "$(cat out)"
    says "step hostname is left out: the program sees the host.s name" < out
    says "^outer" < out'
}
