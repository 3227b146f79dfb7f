#!/usr/bin/env bats
# Lesson 9: can-pivot.sh knows what pivot_root will answer, and run.sh's container has no mount but its own.

# what ../check.bash sets; and what stands in single quotes is for an inner shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name places
  mount --make-rshared /
  umask 022
  word=$(random_word) seconds=$((1000 + RANDOM)).$RANDOM
  export STORE=$dir/store
  cc -o pivot pivot.c > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot

  # A namespace with mounts of all kinds.
  at=$dir/at-$word
  mkdir "$at"
  places=("$(random_word)" "$(random_word)" "$(random_word)" "$(random_word)" "$(random_word)")
  start_student unshare --mount --propagation private sh -c 'set -e; at=$1
    mount -t tmpfs base "$at" && cd "$at" && mkdir "$2" "$3" "$4" "$5" "$6"
    mount -t tmpfs own "$at/$3"
    mount -t tmpfs shared:3 "$at/$4" && mount --make-shared "$at/$4"
    mount -t tmpfs parent "$at/$5" && mkdir "$at/$5/below" && mount -t tmpfs child "$at/$5/below" && mount --make-shared "$at/$5"
    mount --bind "$at/$4" "$at/$6" && mount --make-slave "$at/$6"
    ln -s "$3" "$at/link"
    exec sleep "99$7"' sh "$at" "${places[@]}" "$seconds"
  find_process sleep "99$seconds"
  other=$found
  export plain=${places[0]} own=${places[1]} shared=${places[2]} parent=${places[3]} slave=${places[4]}

  mkdir -p "$dir/1/bin" "$dir/1/tmp"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep cat ls; do ln -s busybox "$dir/1/bin/$name"; done
  cc -static -o "$dir/1/bin/escape" "$LAB_LESSON/../06-chroot/solution/escape.c" 3>&-
  touch "$dir/1/marker-$word"
  make_image "$dir/image.tar" new '{"Cmd":["/bin/sleep","'"$seconds"'"]}' "$dir/1"
  echo "$word" > "$dir/secret"
  before=$(table)
  start_student ./run.sh run "$dir/image.tar"
  find_process /bin/sleep "$seconds"
  target=$found
  while_it_runs=$(table)
  export word seconds at other target before while_it_runs
}

teardown_file() { stop "$other" "$target"; }

table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
run_sh() { student 10 ./run.sh run "$BATS_FILE_TMPDIR/image.tar" "$@"; }

# there MODE COMMAND...: the command, in a copy of that namespace where / is shared or private.
there() { nsenter -t "$other" -m --wd="$PWD" unshare --mount --propagation unchanged sh -c 'mount "--make-$0" / && exec "$@"' "$@"; }

# would MODE PATH HINT: the kernel's own answer against the student's.
would() {
  local kernel
  kernel=$(there "$1" pivot_root "$2" "$2" 2>&1) && kernel=ok
  case $kernel in *busy) kernel=EBUSY ;; *argument) kernel=EINVAL ;; esac
  is_program ./can-pivot.sh
  student 5 bash -c "$(declare -f there)"'; there "$@"' there "$1" ./can-pivot.sh "$2"
  [ "$output$errors" = "$kernel" ] || bad "$kernel" "$output$errors" "$3. Of that mount, and of the one it lies on, mountinfo says: $(around "$1" "$2")"
}

around() { # the mount's line, and its parent's
  there "$1" sh -c 'awk -v mount="$(stat -c %m "$(realpath "$1")")" "$0" /proc/self/mountinfo' '
    { text = $5; for (i = 7; $i != "-"; i++) text = text " " $i; line[$1] = "(" text ")" }
    $5 == mount { id = $1; parent = $2 }
    END { print line[id], line[parent] }' "$2" | sed "s#$BATS_FILE_TMPDIR#...#g"
}

@test "predict.txt says what you expected" {
  predicted "after pivot_root . . and without umount, is there a path to the host's files?" yes no
}

@test "can-pivot.sh: a mount of its own can become the root" {
  [ -n "$other" ] || missing "there is no process to look at"
  would private "$at/$own" "it is a mount, and nobody there has peers"
  would private "$at/link" "this is a link to a mount: the kernel follows it, and so does realpath"
}

@test "can-pivot.sh: a directory that is no mount" {
  would private "$at/$plain" "no line of mountinfo has this path: it is a plain directory, on another mount than the root"
}

@test "can-pivot.sh: what shared means for it" {
  would private "$at/$shared" "NEW itself is a member of a peer group"
  would private "$at/$parent/below" "NEW has no peers, but look at the mount that it is mounted on, its parent: the second word of NEW's line is the parent's number"
  would private "$at/$slave" "a slave tells nobody, and the kernel minds only those that tell: shared:N"
}

@test "can-pivot.sh: what lies on the root's own mount" {
  would private /etc "it lies on the mount of /, where you are now"
  would private / "it is the mount of /, where you are now"
  would shared /etc "it lies on the mount of /, and that mount is shared. Which of the two does the kernel ask first?"
}

@test "pivot.c compiles: cc -o pivot pivot.c" {
  [ -x pivot ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "run.sh run IMAGE runs the image's command" {
  said=$(cat "$BATS_FILE_TMPDIR/errors") hint="try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
  case $said in
    *'Invalid argument'*) hint="pivot_root refused with EINVAL. The machine's mounts are shared: is the new namespace private? And NEW has to be the mount itself, merged" ;;
    *busy*) hint="something refused with EBUSY. pivot_root: NEW lies on the root's own mount. umount2: the old root is in use, and always will be, so detach it" ;;
  esac
  [ -n "$target" ] || bad "a process: /bin/sleep $seconds" "none. It said: $said" "$hint"
}

@test "its root is the root of its mount namespace" {
  runs
  [ "$(namespace mnt "$target")" != "$(namespace mnt)" ] || bad "another number than the host's" "$(namespace mnt "$target")" "lesson 7: unshare --mount"
  # Who enters the namespace begins at its root, and not at that of the process.
  seen=$(nsenter --mount="/proc/$target/ns/mnt" /bin/sh -c 'cd / && echo *' 2>&1)
  hint="your process has a root of its own, but that of $(namespace mnt "$target") is still the host's: that is what chroot does"
  [ "$(awk '$5 == "/"' "/proc/$target/mountinfo" | wc -l)" -lt 2 ] ||
    hint="two mounts are on / in its table, the image's tree and, on top of it, the host's old root. Take that away: umount2(2), MNT_DETACH"
  [[ " $seen " == *" marker-$word "* ]] || bad "the image's files, at the root of $(namespace mnt "$target")" "$seen" "$hint"
}

@test "no mount of the host is left in its table" {
  runs
  rest=$(awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' "/proc/$target/mountinfo")
  case $rest in
    '/ overlay' | '') hint="an overlay of the image's layers is its root" ;;
    *) hint="its table has $(wc -l <<< "$rest") mounts, and the host's root is one of them, on top of the image's tree: umount2(2), MNT_DETACH" ;;
  esac
  same "/ overlay" "$rest" "$hint"
}

@test "no path leads out" {
  run_sh /bin/sh -c 'cat "/../$0"; exec /bin/escape "$0"' "$BATS_FILE_TMPDIR/secret"
  same '' "$output" "something of the host is above its root, at /.. or for the escape of lesson 6: pivot, and then take the old root out of the table"
}

@test "the status is the command's, or 127 or 126; the host's mounts and the store are as before" {
  number=$((2 + RANDOM % 100)) mounts=$(table) stored=$(ls "$STORE/overlay2")
  run_sh /bin/sh -c "exit $number"
  same "$number" "$status" "pivot becomes the command, so that its status is the command's. It said: ${errors:-nothing}"
  run_sh "/bin/nosuch-$word"
  same 127 "$status" "there is no such program: lesson 2"
  run_sh /tmp
  same 126 "$status" "the file is there but can't be executed: lesson 2"
  same "$mounts" "$(table)" "a mount is left"
  same "$stored" "$(ls "$STORE/overlay2")" "the container's directory in overlay2 is still there"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
