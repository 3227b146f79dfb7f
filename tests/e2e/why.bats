#!/usr/bin/env bats
# Why a program can't be executed: the hint of a run that ends with 126 or 127, and `minirun why`, say it in the same words.

# shellcheck disable=SC2154,SC2034
load helpers
load container

# says STATUS REASON COMMAND...: a run fails with this status and this hint, and why gives the same reason.
says() {
  local code=$1 reason=$2
  shift 2
  ran="minirun ${options[*]} $IMAGE $*"
  run "-$code" --separate-stderr timeout 60 "$MINIRUN" "${options[@]}" "$IMAGE" "$@"
  [ "$(sed -n 's/^hint: //p' <<< "$stderr")" = "$reason" ] || fail "not this hint: $reason"
  minirun why "${options[@]}" "$IMAGE" "$@"
  [ "$status" -eq 1 ] || fail "why: status $status"
  [ "$(tail -n 1 <<< "$output")" = "It can't start: $reason." ] || fail "why, not: $reason"
  options=()
}

program() { # program PATH TEXT: an executable file of the image
  mkdir -p "$(dirname "$ROOTFS$1")"
  printf %b "$2" > "$ROOTFS$1"
  chmod 755 "$ROOTFS$1"
}

@test "scripts: interpreters that are missing, no interpreter, Windows' line ends, marks, loops" {
  options=()
  new_rootfs
  program /bash '#!/bin/bash\necho\n'
  program /cr '#!/bin/sh\r\necho\r\n'
  program /bom '\xef\xbb\xbf#!/bin/sh\n'
  program /none 'echo hello\n'
  program /nothing '#!\n'
  program /empty ''
  program /python '#!/usr/bin/env -S python3 -u\nprint()\n'
  program /usr/bin/env '#!/bin/sh\nexec "$@"\n'
  program /a '#!/b\n'
  program /b '#!/a\n'
  program /second '#!/bash\n'
  new_image
  says 127 '/bash needs it: the image has no /bin/bash; the directory has sh' /bash
  says 127 '/bash needs it: the image has no /bin/bash; the directory has sh' /second
  says 127 $'/cr: its first line ends in a carriage return, as Windows writes it, so the kernel looks for "/bin/sh\\x0d": write the file with line ends of Unix (dos2unix)' /cr
  says 126 '/bom begins with a byte order mark, before its #!: save it without' /bom
  says 126 '/none is neither an ELF program nor a script: it begins with "echo hello". A script needs a first line like #!/bin/sh' /none
  says 126 '/nothing names no interpreter after its #!' /nothing
  says 126 '/empty is an empty file' /empty
  says 126 '/b: its interpreter is a script, whose interpreter is one, and so on' /b
  minirun why "$IMAGE" /python # env(1) itself can be executed
  [ "${lines[-1]}" = "It can't start: /python is run by python3 (its #! line says so), and PATH has no such program." ] || fail "env"
}

@test "ELF: another machine, no loader, a library that is missing" {
  options=()
  new_rootfs
  local loader=/lib64/ld-linux-x86-64.so.2 library
  cp /bin/busybox "$ROOTFS/arm"
  printf '\xb7' | dd of="$ROOTFS/arm" bs=1 seek=18 conv=notrunc status=none # e_machine, EM_AARCH64
  cp /bin/busybox "$ROOTFS/object"
  printf '\x01' | dd of="$ROOTFS/object" bs=1 seek=16 conv=notrunc status=none # e_type, ET_REL
  head -c 30 /bin/busybox > "$ROOTFS/short"
  program /windows 'MZ\x90'
  chmod 755 "$ROOTFS"/{arm,object,short}
  cp /bin/ls "$ROOTFS/dynamic"
  new_image
  says 126 '/arm is made for arm64 (aarch64), and this machine is amd64 (x86-64): save the image for this platform (docker pull --platform)' /arm
  says 126 '/object is an object file or a core dump, no program' /object
  says 126 '/short is an ELF file that is cut off' /short
  says 126 '/windows is a program for Windows' /windows
  says 127 "/dynamic needs $loader, which the image has not: it was built against another C library, or the image has none; build it statically, or on the image's own base" /dynamic
  mkdir -p "$ROOTFS/lib64"
  cp "$loader" "$ROOTFS$loader"
  new_image
  run -127 --separate-stderr "$MINIRUN" "$IMAGE" /dynamic
  minirun why "$IMAGE" /dynamic
  [ "$status" -eq 1 ] || fail "why"
  grep -qE '^library +libc\.so\.6: MISSING, and /dynamic needs it$' <<< "$output" || fail "no libc"
  grep -qE "^loader +$loader, of layer 1$" <<< "$output" || fail "no loader"
  [[ ${lines[-1]} == "It starts, and its loader ends it at once with 127: libraries are missing." ]] || fail "last line"
  for library in $(ldd /bin/ls | grep -oE '/[^ ]+' | sort -u); do
    mkdir -p "$(dirname "$ROOTFS/opt/lib/$library")"
    cp -L "$library" "$ROOTFS/opt/lib/"
  done
  new_image
  minirun why "$IMAGE" /dynamic
  [ "$status" -eq 1 ] || fail "it finds libraries in /opt/lib"
  minirun why -e LD_LIBRARY_PATH=/opt/lib "$IMAGE" /dynamic
  [ "$status" -eq 0 ] || fail "LD_LIBRARY_PATH"
  minirun -e LD_LIBRARY_PATH=/opt/lib "$IMAGE" /dynamic /opt
  [ "$output" = lib ] || fail "it doesn't run"
  mkdir -p "$ROOTFS/etc/ld.so.conf.d"
  echo 'include /etc/ld.so.conf.d/*.conf' > "$ROOTFS/etc/ld.so.conf"
  echo /opt/lib > "$ROOTFS/etc/ld.so.conf.d/opt.conf"
  new_image
  minirun why "$IMAGE" /dynamic
  [ "$status" -eq 0 ] && [ "${lines[-1]}" = 'The image has all that it needs to start.' ] || fail "ld.so.conf"
}

@test "paths: directories, modes, users, symlinks, PATH, near names, and what a mount hides" {
  options=()
  new_rootfs
  ln -s loop2 "$ROOTFS/loop1"
  ln -s loop1 "$ROOTFS/loop2"
  ln -s /opt/gone "$ROOTFS/dangling"
  program /plain '#!/bin/sh\n'
  chmod 640 "$ROOTFS/plain"
  program /made/tool '#!/bin/sh\n'
  chmod 700 "$ROOTFS/made"
  program /usr/local/bin/tool '#!/bin/sh\necho tool\n'
  new_image
  says 126 '/etc is a directory: name the program in it' /etc
  says 126 '/plain has mode 640 and owner 0:0, so user 0 may not execute it: chmod +x where the image is built, or run it by its interpreter, as in: sh /plain' /plain
  options=(-u 1000)
  says 126 'user 1000 may not enter /made, mode 700: choose another user with -u, or chmod it where the image is built' /made/tool
  says 127 '/dangling is a symlink to /opt/gone, which the image has not' /dangling
  says 126 '/loop1 is a symlink that leads back to itself' /loop1
  says 127 'the image has no /bin/caat; the directory has cat' /bin/caat
  says 127 'PATH has no caat, but cat' caat
  says 127 '"echo hi" is one word, with a blank in it: give program and arguments as words of their own, without the quotes' 'echo hi'
  options=(-e PATH=/bin)
  says 127 'it is /usr/local/bin/tool, which is not in PATH; see -e PATH=' tool
  run -127 --separate-stderr "$MINIRUN" -v "$ROOTFS/etc:/bin" "$IMAGE" cat # the image has it, and the mount hides it
  [[ $stderr == *'hint: PATH is '* ]] || fail "a hint about the image, where a mount decides"
  minirun why "$IMAGE" tool
  [ "$status" -eq 0 ] || fail "what runs"
  minirun "$IMAGE" tool
  [ "$output" = tool ] || fail "it doesn't run"
}

@test "a file that asks for capabilities which the container has not" {
  options=()
  new_rootfs
  cp /bin/busybox "$ROOTFS/bin/pinger"
  new_image
  "$MINIRUN" load "$IMAGE" > /dev/null
  setfattr -n security.capability -v 0x0100000200202000000000000000000000000000 "$MINIRUN_ROOT"/overlay2/*/diff/bin/pinger
  says 126 '/bin/pinger asks for cap_net_raw, cap_sys_admin, which this container has not: give it with --cap-add, or take it from the file where the image is built (setcap -r)' /bin/pinger true
}

@test "a layer that hides /bin: the hint of the run names it" {
  options=()
  IMAGE=$(forged tool-directory-over-symlink)
  "$MINIRUN" load "$IMAGE" 2> /dev/null
  run -127 --separate-stderr "$MINIRUN" "$IMAGE" /bin/hello
  [[ $stderr == *'hint: a layer hides it: /bin is a directory where '* ]] || fail "no word of it"
}
