#!/usr/bin/env bats
# Cases 63 to 77 of robustness: an image that tries to have something of the host mounted, opened or run.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

@test "case 63: a WorkingDir that leads through a link of /proc is refused" {
  new_rootfs
  for dir in /proc/self/fd/7 /proc/1/cwd /proc/self/fd/3/../../etc /proc/self/root; do
    new_image "\"WorkingDir\":\"$dir\""
    exec 7< /
    minirun "$IMAGE" /bin/ls
    exec 7<&-
    [ "$status" -eq 125 ] || fail "$dir was entered"
    [[ $stderr == *"minirun: step "*workdir* ]] || fail "no step is named"
  done
  ln -s /proc/1/cwd "$ROOTFS/link"
  new_image '"WorkingDir":"/link"'
  minirun "$IMAGE" /bin/ls
  [ "$status" -eq 125 ]
  nothing_is_left
}

@test "case 64: descriptors that the caller leaks are not there inside" {
  run bash -c 'for fd in {3..20}; do eval "exec $fd< /etc/passwd"; done; "$0" "$1" sh -c "ls /proc/self/fd; ls -l /proc/1/fd"' \
    "$MINIRUN" "$BUSYBOX"
  # ls itself has 3 open on the directory
  [ "$(head -n 4 <<< "$output" | tr '\n' ' ')" = "0 1 2 3 " ] || fail "$output"
  ! grep -q passwd <<< "$output" || fail "leaked: $output"
}

@test "case 65: /proc/self/exe as the program, as a script's interpreter or as an ELF's, is refused and the host's file is unchanged" {
  before=$(sha256sum "$MINIRUN")
  new_rootfs
  printf '#!/proc/self/exe\n' > "$ROOTFS/bin/script"
  printf '#!/bin/script\n' > "$ROOTFS/bin/nested"
  printf '#! /proc/1/exe images\n' > "$ROOTFS/bin/first"
  echo 'int main(void) { return 0; }' > "$WORK/elf.c"
  gcc -o "$ROOTFS/bin/elf" "$WORK/elf.c" -Wl,--dynamic-linker=/proc/self/exe
  gcc -o "$ROOTFS/bin/elf-link" "$WORK/elf.c" -Wl,--dynamic-linker=/bin/link
  printf '#!/bin/elf\n' > "$ROOTFS/bin/script-elf"
  chmod 755 "$ROOTFS/bin"/*
  ln -s /proc/self/exe "$ROOTFS/bin/link"
  new_image
  for program in /proc/self/exe /proc/1/exe /bin/script /bin/nested /bin/first /bin/link script link elf elf-link script-elf; do
    for user in 0 1000; do
      exits 126 -u $user "$IMAGE" "$program" images
      [[ $stderr == *"leads to minirun's own process by /proc"* ]] || fail "$program: other words"
    done
  done
  [ "$(sha256sum "$MINIRUN")" = "$before" ]
  nothing_is_left
}

# swaps DIR: until DIR/stop is there, DIR/prog is now a program, now a link or a script that leads to /proc/self/exe.
swaps() {
  python3 - "$1" << 'END' 3>&- &
import os, sys, time
os.chdir(sys.argv[1])
end = time.time() + 60
os.link("good", "next")
while not os.path.exists("stop") and time.time() < end:
    for bad in ("link", "script", "elf"):
        os.rename("next", "prog")
        os.link(bad, "next", follow_symlinks=False)
        os.rename("next", "prog")
        os.link("good", "next")
END
}

@test "case 65: a program that is swapped for a link to /proc/self/exe between check and execve never runs minirun's own file" {
  before=$(sha256sum "$MINIRUN")
  "$MINIRUN" -v shared:/v "$BUSYBOX" true
  shared=$MINIRUN_ROOT/volumes/shared/_data
  printf '#include <stdio.h>\nint main(void) { return puts("found") < 0; }' > "$WORK/good.c"
  gcc -static -o "$shared/good" "$WORK/good.c"
  ln -s /proc/self/exe "$shared/link"
  printf '#!/proc/self/exe\n' > "$shared/script"
  echo 'int main(void) { return 0; }' > "$WORK/elf.c"
  gcc -o "$shared/elf" "$WORK/elf.c" -Wl,--dynamic-linker=/proc/self/exe
  chmod 755 "$shared/script"
  swaps "$shared"
  racer=$!
  eventually test -e "$shared/prog"
  declare -A seen=()
  for ((turn = 0; turn < 400; turn++)); do
    # It says "found"; minirun would say its version.
    code=0
    said=$("$MINIRUN" -v shared:/v "$BUSYBOX" /v/prog version 2> "$WORK/err") || code=$?
    seen[$code]=$((${seen[$code]:-0} + 1))
    case $code:$said in
      0:found | 126:) ;; # swapped before the check, or between check and execve, where the stub meets itself
      *) touch "$shared/stop" && fail "status $code: $said" "$(cat "$WORK/err")" ;;
    esac
  done
  touch "$shared/stop"
  wait $racer
  [ "${seen[0]:-0}" -gt 20 ] && [ "${seen[126]:-0}" -gt 20 ] || fail "no race: ${!seen[*]}: ${seen[*]}"
  [ "$(sha256sum "$MINIRUN")" = "$before" ]
  nothing_is_left
}

@test "case 65: what /proc/PID/exe is at the last execve can't be written to, at once or through a descriptor kept open" {
  before=$(sha256sum "$MINIRUN")
  strace -f -qq -o /dev/null -e trace=execve -e inject=execve:delay_enter=3000000 "$MINIRUN" "$BUSYBOX" true &
  is_stub() { pid=$(pgrep -P "$(pgrep -P $! -x minirun)" 2> /dev/null) && [[ $(readlink "/proc/$pid/exe") == "/memfd:minirun"* ]]; }
  eventually is_stub
  exec 8< "/proc/$pid/exe"
  cmp -s /proc/self/fd/8 "$top/build/exec_stub" || fail "it is something else"
  wait $!
  # It has ended, so that no ETXTBSY stands before a write.
  run bash -c 'exec 9<> /proc/self/fd/8 && echo x >&9'
  [[ $output == *"not permitted"* ]] || fail "written: $output"
  run bash -c ': > /proc/self/fd/8'
  [[ $output == *"not permitted"* ]] || fail "made empty: $output"
  exec 8<&-
  [ "$(sha256sum "$MINIRUN")" = "$before" ]
}

@test "case 66: an image whose /proc or /sys is a symlink is refused" {
  for dir in proc sys; do
    rm -rf "$WORK/rootfs"
    new_rootfs
    ln -s "$VICTIM" "$ROOTFS/$dir"
    new_image
    minirun "$IMAGE" /bin/true
    says_no "symlink at /$dir"
    rm "$ROOTFS/$dir"
    ln -s tmp "$ROOTFS/$dir"
    new_image
    minirun "$IMAGE" /bin/true
    says_no "symlink at /$dir"
  done
  victim_is_unchanged
  nothing_is_left
}

@test "case 67: an image whose /dev is a symlink out is refused, and nothing is made outside" {
  new_rootfs
  ln -s "$VICTIM" "$ROOTFS/dev"
  new_image
  minirun "$IMAGE" /bin/true
  says_no "symlink at /dev"
  victim_is_unchanged
}

@test "case 68: files are masked with the null device and nothing else, whatever the image has at /dev/null" {
  new_rootfs
  mkdir "$ROOTFS/dev"
  echo evil > "$ROOTFS/dev/null"
  new_image
  minirun "$IMAGE" /bin/sh -c 'stat -c "%F %t:%T" /dev/null /proc/keys; cat /proc/keys | wc -c'
  [ "$output" = $'character special file 1:3\ncharacter special file 1:3\n0' ] || fail "$output"
}

@test "case 69: /dev/pts, /dev/console and /dev/ptmx of the image are covered" {
  new_rootfs
  mkdir "$ROOTFS/dev"
  ln -s "$VICTIM" "$ROOTFS/dev/pts"
  ln -s "$VICTIM/sentinel" "$ROOTFS/dev/console"
  ln -s "$VICTIM/sentinel" "$ROOTFS/dev/ptmx"
  new_image
  minirun "$IMAGE" /bin/sh -c 'readlink /dev/ptmx; test -e /dev/console || echo none; mount | grep -c "devpts on /dev/pts "'
  [ "$output" = $'pts/ptmx\nnone\n1' ] || fail "$output"
  victim_is_unchanged
}

@test "case 70: a volume's target that races between directory and symlink never lands outside" {
  mkdir -p "$WORK/shared/dir"
  (
    cd "$WORK/shared"
    for ((n = 0; n < 10000; n++)); do # ends by itself, should the test fail before it says stop
      [ ! -e "$WORK/stop" ] || break
      mv -T dir away && ln -s "$VICTIM/dir" dir && rm dir && mv -T away dir
    done
  ) > /dev/null 2>&1 3>&- &
  racer=$!
  for ((turn = 0; turn < 40; turn++)); do # not i: run changes that
    minirun -v "$WORK/shared:/data" --tmpfs /data/dir/deeper "$BUSYBOX" true
    ! grep -q "$VICTIM" /proc/self/mountinfo || fail "mounted outside"
  done
  touch "$WORK/stop"
  wait $racer || true
  victim_is_unchanged
  nothing_is_left
}

@test "case 71: a mount of the user's can't take procfs's place before the masks stand" {
  mkdir "$WORK/fake"
  for target in /proc /proc/sys /proc/keys /sys /sys/firmware; do
    minirun -v "$WORK/fake:$target" "$BUSYBOX" true
    says_no 'nothing can be mounted on'
    minirun --tmpfs "$target" "$BUSYBOX" true
    says_no 'nothing can be mounted on'
  done
  new_rootfs
  ln -s /proc "$ROOTFS/innocent"
  new_image
  minirun --tmpfs /innocent "$IMAGE" /bin/sh -c 'cat /proc/1/comm'
  [ "$status" -eq 125 ] || fail "procfs was covered through a symlink: $output"
  minirun --tmpfs /innocent/sys "$IMAGE" /bin/sh -c 'echo core > /proc/sys/kernel/core_pattern'
  [ "$status" -ne 0 ] || fail "a sysctl was written"
}

@test "case 72: the image's Volumes never copy from the host" {
  new_rootfs
  ln -s / "$ROOTFS/top"
  ln -s "$VICTIM" "$ROOTFS/link"
  mkdir -p "$ROOTFS/etc/inside"
  new_image '"Volumes":{"/../../etc":{}}'
  minirun "$IMAGE" /bin/sh -c 'ls /etc; cat /etc/passwd | head -n 1'
  [[ $output == *inside* ]] || fail "$output"
  [[ $output == *root:x:0:0:root:/root:/bin/sh* ]]
  new_image "\"Volumes\":{\"/link\":{}}"
  minirun "$IMAGE" /bin/sh -c 'find / -xdev -name sentinel; ls /link'
  [[ $output != *sentinel* ]] || fail "copied from the host: $output"
  victim_is_unchanged
  nothing_is_left
}

@test "case 73: a target through an absolute symlink of the image resolves inside; a dangling one is made inside" {
  new_rootfs
  mkdir -p "$ROOTFS/run" "$ROOTFS/var"
  ln -s /run "$ROOTFS/var/run"
  ln -s "$VICTIM/dangling" "$ROOTFS/var/gone"
  new_image
  echo x > "$WORK/file"
  minirun -v "$WORK/file:/var/run/file" "$IMAGE" /bin/cat /run/file
  [ "$output" = x ]
  minirun --tmpfs /var/gone "$IMAGE" /bin/sh -c 'mount | grep -c dangling'
  [ "$output" = 1 ]
  victim_is_unchanged
}

@test "case 75: -v /:/host, then exit or failure: nothing is left, nothing is harmed" {
  minirun -v /:/host "$BUSYBOX" sh -c 'test -e /host/etc/passwd && echo seen'
  [ "$output" = seen ]
  nothing_is_left
  exits 127 -v /:/host "$BUSYBOX" no-such-program
  nothing_is_left
  minirun -v /:/host --break-after pivot-root "$BUSYBOX" true
  [ "$status" -eq 125 ]
  nothing_is_left
  [ -e /etc/passwd ]
  victim_is_unchanged
}

@test "case 77: a mount inside is not in the host's mountinfo, whether / is shared or not" {
  for propagation in --make-rprivate --make-rshared; do
    run unshare -m bash -c '
      mount "$0" /
      "$1" --tmpfs /seen-inside "$2" sleep 60 & pid=$!
      for ((i = 0; i < 100; i++)); do pgrep -P $pid -x sleep > /dev/null && break; sleep 0.05; done
      pgrep -P $pid -x sleep > /dev/null || echo "it does not run"
      grep -e seen-inside -e "$3/containers" /proc/self/mountinfo
      kill $pid; wait $pid' "$propagation" "$MINIRUN" "$BUSYBOX" "$MINIRUN_ROOT"
    [ "$output" = "" ] || fail "$propagation: $output"
  done
}
