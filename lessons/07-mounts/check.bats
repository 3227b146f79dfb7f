#!/usr/bin/env bats
# Lesson 7: spread.sh reads how a mount of another process spreads, and run.sh keeps its mounts to itself.

# what ../check.bash sets; and what stands in single quotes is for the inner shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

# The room's own mounts are made shared, as systemd makes a machine's. It is a namespace of its own, so they reach nobody else.
setup_file() {
  local dir=$BATS_FILE_TMPDIR places
  mount --make-rshared /
  word=$(random_word) seconds=$((1000 + RANDOM)).$RANDOM
  at=$dir/at-$word
  mkdir -p "$dir/1/bin" "$dir/2" "$at"
  places=("$(random_word)" "$(random_word)" "$(random_word)" "$(random_word)")
  (cd "$at" && mkdir "${places[@]}" stacked empty)
  start_student unshare --mount --propagation private sh -c 'set -e; cd "$1"
    mount -t tmpfs shared:7 "$2"
    mount -t tmpfs "source$2" "$3" && mount --make-shared "$3"
    mount --bind "$3" "$4" && mount --make-slave "$4"
    mount --bind "$3" "$5" && mount --make-slave "$5" && mount --make-shared "$5"
    mount -t tmpfs below stacked && mount --make-shared stacked && mount -t tmpfs above "$1/stacked"
    mount --make-private "$1/stacked"
    exec sleep "99$6"' sh "$at" "${places[@]}" "$seconds"
  find_process sleep "99$seconds"
  other=$found

  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep; do ln -s busybox "$dir/1/bin/$name"; done
  echo "$word" > "$dir/2/marker-$word"
  make_image "$dir/sleep.tar" packed '{"Cmd":["/bin/sleep","'"$seconds"'"]}' "$dir/1" "$dir/2"
  make_image "$dir/sh.tar" packed '{"Cmd":["/bin/sh"]}' "$dir/1" "$dir/2"
  before=$(table)
  start_student ./run.sh run "$dir/sleep.tar"
  find_process /bin/sleep "$seconds"
  target=$found
  while_it_runs=$(table)
  export word seconds at other target before while_it_runs
  export private=${places[0]} shared=${places[1]} slave=${places[2]} both=${places[3]}
}

teardown_file() {
  stop "$other" "$target"
}

# What is mounted where, in our own namespace.
table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
left() { find "$TMPDIR" "$LAB_WORK" -xdev -name "marker-$word" -not -path "$BATS_FILE_TMPDIR/*" | sed 's#/marker.*##' | sort; }

spreads() { # spreads EXPECTED PLACE HINT
  local line
  student 5 ./spread.sh "$other" "$at/$2"
  line=$(awk -v path="$at/$2" '$5 == path { for (i = 7; $i != "-"; i++) printf "%s ", $i; print "- ..." }' "/proc/$other/mountinfo" | tail -n 1)
  same "$1" "$output$errors" "$3. In the line of that mount stands, from the seventh word on: $line"
}

@test "predict.txt says what you expected" {
  predicted "does the shell outside see the mount of a program that unshare --mount has started?" yes no
}

@test "spread.sh looks at the mounts of process PID" {
  [ -n "$other" ] || missing "there is no process to look at"
  student 5 ./spread.sh "$other" "$at/$shared"
  [ -n "$output" ] || bad shared "${errors:-(nothing), status $status}" \
    "process $other has a mount there and you have none: you are in $(namespace mnt) and it is in $(namespace mnt "$other"). Whose mountinfo does spread.sh read?"
  student 5 ./spread.sh "$other" "$at/empty"
  same "(nothing), status 1" "${output:-(nothing)}, status $status" "no mount is on that path: print nothing, and end with status 1"
}

@test "spread.sh tells shared, slave and private" {
  spreads shared "$shared" "it is a member of a peer group"
  spreads slave "$slave" "it gets what its master tells, and tells nothing"
  spreads private "$private" "what stands after the \"-\" is another matter, a name that anybody can choose"
}

@test "spread.sh tells both, for a slave that has peers of its own" {
  spreads both "$both" "a mount may be a slave of one group and a member of another"
}

@test "of mounts on top of each other, spread.sh tells the highest" {
  spreads private stacked "two lines have this path. The later one is the mount on top, the one that is seen"
}

@test "run.sh run IMAGE runs the image's command" {
  said=$(cat "$BATS_FILE_TMPDIR/errors") hint="try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
  [[ $said != *'failed to run command'* ]] ||
    hint="chroot found no such program in the new root: was the tree unpacked there after the mount? Because a mount covers what was in the directory before"
  [ -n "$target" ] || bad "a process: /bin/sleep $seconds" "none. It said: $said" "$hint"
}

@test "the command has a mount namespace of its own" {
  runs
  [ "$(namespace mnt "$target")" != "$(namespace mnt)" ] || bad "another number than the host's" "$(namespace mnt "$target")" \
    "your process has the host's mount namespace, $(namespace mnt): which flag of unshare(1) makes a new one?"
}

@test "its root is the image's tree, in a tmpfs" {
  runs
  [ -e "/proc/$target/root/marker-$word" ] || bad "the image's files in its root" "$(ls "/proc/$target/root")" \
    "your process has the root $(readlink "/proc/$target/root"): unpack the image's layers into the tmpfs and chroot there"
  # A process sees in its own mountinfo what is mounted at and below its root, with paths from there.
  root=$(awk '$5 == "/" { for (i = 7; $i != "-"; i++); print $(i + 1) }' "/proc/$target/mountinfo" | tail -n 1)
  same tmpfs "${root:-no mount}" \
    "/proc/$target/mountinfo shows what is mounted at its root: ${root:-nothing, it is a directory of the disk}. mount -t tmpfs makes a file system in memory"
}

@test "the host does not see its mounts" {
  runs
  new=$(comm -13 <(sort <<< "$before") <(sort <<< "$while_it_runs"))
  [ -n "$new" ] || return 0
  if [ "$(namespace mnt "$target")" = "$(namespace mnt)" ] || ! grep -q 'shared:' "/proc/$target/mountinfo"; then
    bad "no new mount on the host" "$new" "it was mounted on the host, by a process that was not in the new namespace. First the namespace, then the mount, inside"
  fi
  bad "no new mount on the host" "$new" \
    "it was mounted inside and the host got it too: $(grep -o 'shared:[0-9]*' "/proc/$target/mountinfo" | head -n 1) is in both tables. Cut the tie before the first mount"
}

@test "the status is the command's, and the host's mounts and files are as before" {
  number=$((2 + RANDOM % 100)) files=$(left) mounts=$(table)
  student 10 ./run.sh run "$BATS_FILE_TMPDIR/sh.tar" /bin/sh -c "exit $number"
  same "$number" "$status" "the status of unshare(1) is that of the program which it ran: keep it, clean up, return it. It said: ${errors:-nothing}"
  same "$mounts" "$(table)" "a mount is left"
  same "$files" "$(left)" "the image's files are still there"
}

@test "kill -9 of everything leaves no file of the image" {
  runs
  local pid=$target chain=''
  while [ "${pid:-1}" -gt 1 ] && tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qE 'run\.sh|sleep|unshare|chroot'; do
    chain="$pid $chain" pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
  done
  # shellcheck disable=SC2086  # numbers
  kill -KILL $chain
  sleep 0.2
  same '' "$(left)" "no trap runs after kill -9, so what has to be removed stays. A tmpfs in the container's own namespace has not to be removed"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
