#!/usr/bin/env bats
# Lesson 1: look.sh sees what another process has, and box.sh makes one, on the same kernel as everything else.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check

# A process that somebody else put into namespaces: another choice each time.
setup_file() {
  local kind
  name=box-$(random_word)
  seconds=$((1000 + RANDOM)).$RANDOM
  host=$(hostname)
  chosen=() others=pid
  for kind in cgroup ipc net uts; do
    if [ $((RANDOM % 2)) = 1 ]; then
      chosen+=("--$kind")
      others+=" $kind"
    fi
  done
  if [ "$others" = 'pid ipc uts' ]; then # what look.sh has as an example
    chosen+=(--net)
    others+=' net'
  fi
  others=$(tr ' ' '\n' <<< "$others" | sort | tr '\n' ' ')
  others=${others% }
  # How deep it lies and after how many others it was born differs too.
  start_student unshare "${chosen[@]}" --pid --fork sh -c "for _ in \$(seq $((RANDOM % 9))); do /bin/true; done; sleep 99$seconds & wait"
  find_process sleep "99$seconds"
  target=$found
  start_student ./box.sh "$name" sleep "$seconds"
  find_process sleep "$seconds"
  boxed=$found
  export name seconds host others target boxed
}

teardown_file() { stop "$target" "$boxed"; }

in_box() { [ -n "$boxed" ] || missing "there is no process to look at"; }

@test "predict.txt says what you expected" {
  predicted "does pgrep on the host find the container's process?" yes no
}

@test "look.sh PID tells the number that the process has for itself" {
  number=$(awk '/^NSpid:/ { print $NF }' "/proc/$target/status")
  student 5 ./look.sh "$target"
  hint="$(grep NSpid "/proc/$target/status" | tr '\t' ' ') are the numbers of one process: whose is which?"
  [ "$status" = 0 ] || hint="look.sh ended with status $status. Run it yourself on some process: ./look.sh \$\$"
  same "$number" "${output%% *}$errors" "$hint"
}

@test "look.sh PID tells which namespaces it does not share with us" {
  student 5 ./look.sh "$target"
  seen=''
  [[ $output != *' '* ]] || seen=${output#* }
  [ "$seen" = "$others" ] || for kind in cgroup ipc mnt net pid uts; do
    [[ " $seen " == *" $kind "* ]] && said='not shared' || said=shared
    [[ " $others " == *" $kind "* ]] && is='not shared' || is=shared
    [ "$said" = "$is" ] ||
      bad "$others" "$seen" "it has $(namespace "$kind" "$target") and you have $(namespace "$kind"): is that shared? look.sh says: $said"
  done
  same "$others" "$seen" "the kinds are to stand in the order cgroup ipc mnt net pid uts, one blank between two"
}

@test "box.sh NAME COMMAND runs the command" {
  [ -n "$boxed" ] || bad "a process: sleep $seconds" "none. It said: $(cat "$BATS_FILE_TMPDIR/errors")" \
    "try it in a terminal, it should go on until Ctrl-C: sudo ./box.sh $name sleep 60"
}

@test "the command has a uts namespace of its own" {
  in_box
  [ "$(namespace uts "$boxed")" != "$(namespace uts)" ] || bad "another number than the host's" "$(namespace uts "$boxed")" \
    "your process has the host's uts namespace, $(namespace uts): which flag of unshare(1) makes a new one?"
}

@test "the command has an ipc namespace of its own" {
  in_box
  [ "$(namespace ipc "$boxed")" != "$(namespace ipc)" ] || bad "another number than the host's" "$(namespace ipc "$boxed")" \
    "your process has the host's ipc namespace, $(namespace ipc): which flag of unshare(1) makes a new one?"
}

@test "the command is process 1 of a pid namespace of its own" {
  in_box
  numbers=$(awk '/^NSpid:/ { $1 = ""; print substr($0, 2) }' "/proc/$boxed/status")
  expected="$boxed 1"
  if [ "$(namespace pid "$boxed")" = "$(namespace pid)" ]; then
    [ "$(namespace pid_for_children "$boxed")" = "$(namespace pid)" ] ||
      bad "NSpid: $expected" "NSpid: $numbers" "the new pid namespace is there, but empty: only children of unshare are born into it. Which flag makes it have one?"
    bad "NSpid: $expected" "NSpid: $numbers" "your process has the host's pid namespace, $(namespace pid): which flag of unshare(1) makes a new one?"
  fi
  same "NSpid: $expected" "NSpid: $numbers" \
    "inside, process 1 is another program: $(first_inside)... How does a shell become a program, instead of starting one?"
}

# What process 1 of the box is.
first_inside() {
  local dir
  for dir in /proc/[0-9]*; do
    [ "$(namespace pid "${dir#/proc/}" 2> /dev/null)" = "$(namespace pid "$boxed")" ] || continue
    [ "$(awk '/^NSpid:/ { print $NF }' "$dir/status")" != 1 ] || tr '\0' ' ' < "$dir/cmdline" | cut -c 1-30
  done
}

@test "inside, the host is called NAME" {
  in_box
  seen=$(nsenter -t "$boxed" -u hostname)
  same "$name" "$seen" "uname(1) inside would still say $seen: who calls hostname(1), and in which namespace is it then?"
}

@test "outside, the host keeps its name" {
  in_box
  same "$host" "$(hostname)" "hostname(1) changed the name of the uts namespace that it ran in, and that was the host's: begin with unshare"
}
