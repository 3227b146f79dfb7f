#!/usr/bin/env bats
# Lesson 10: run.sh's command is process 1 and sees only its own processes; with INIT=1 an init is, which reaps and passes on.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 022
  base=$((1000 + RANDOM))
  export STORE=$dir/store
  cc -Wall -o pivot pivot.c > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -p "$dir/1/bin" "$dir/1/dev"
  touch "$dir/1/dev/null" # a shell opens it for what it starts with &
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep readlink cat; do ln -s busybox "$dir/1/bin/$name"; done
  make_image "$dir/image.tar" new '{"Cmd":["/bin/sh"]}' "$dir/1"
  before=$(table)
  background plain sh -c "sleep 1$base & exec sleep 2$base"
  find_process sleep "2$base"
  target=$found
  while_it_runs=$(table)
  # Two orphans that end at once, and one that stays.
  INIT=1 background init sh -c "(sleep 0.05 &); (sleep 0.05 &); (sleep 4$base &); exec sleep 3$base"
  find_process sleep "3$base"
  command=$found
  init=$(ps -o ppid= -p "${command:-0}" | tr -d ' ') || true
  export base target command init before while_it_runs
}

# What is left is in pid namespaces whose first process ends with its parent, or not: by name, then.
teardown_file() { stop "$target" "$command" "$init"; }

background() { # background NAME COMMAND...: a container, its output in files of that name, its status too
  local name=$1
  shift
  (
    status=0
    ./run.sh run "$BATS_FILE_TMPDIR/image.tar" "$@" < /dev/null > "$BATS_FILE_TMPDIR/$name.out" 2> "$BATS_FILE_TMPDIR/$name.err" 3>&- 4>&- || status=$?
    echo "$status" > "$BATS_FILE_TMPDIR/$name.status"
  ) 3>&- 4>&- &
}
ended() { # ended NAME: waits for its status, 3 seconds at most, and prints it
  for _ in $(seq 30); do
    [ ! -s "$BATS_FILE_TMPDIR/$1.status" ] || break
    sleep 0.1
  done
  cat "$BATS_FILE_TMPDIR/$1.status" 2> /dev/null || echo 'it still runs'
}
run_sh() { student 10 ./run.sh run "$BATS_FILE_TMPDIR/image.tar" "$@"; }
table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
has_init() {
  [ -n "$command" ] || missing "there is no process to look at"
  [ "$(numbers "$init")" = "$init 1" ] || missing "the command's parent is not process 1 of the container"
}
numbers() { awk '/^NSpid:/ { $1 = ""; print substr($0, 2) }' "/proc/$1/status" 2> /dev/null; }
is_there() { find_now sleep "$1"; [ -n "$found" ]; }
find_now() { found=$(pgrep -f -x "$*" || true); }

@test "predict.txt says what you expected" {
  predicted "is a child that has ended still in the list when process 1 is sleep 1000?" yes no
}

@test "pivot.c compiles: cc -o pivot pivot.c" {
  [ -x pivot ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "run.sh run: the command is process 1 of a pid namespace of its own" {
  said=$(cat "$BATS_FILE_TMPDIR/plain.err") hint="try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
  [[ $said != *'annot allocate memory'* ]] ||
    hint="the first child of run.sh was process 1, it ended, and a pid namespace without process 1 gets no new processes. Which flag of unshare(1) makes the script itself the first?"
  [ -n "$target" ] || bad "a process: sleep 2$base" "none. It said: $said" "$hint"
  hint="your process has the host's pid namespace, $(namespace pid): which flag of unshare(1) makes a new one?"
  [ "$(namespace pid "$target")" = "$(namespace pid)" ] ||
    hint="inside, process 1 is $(ps -o args= -p "$(ps -o ppid= -p "$target" | tr -d ' ')" | cut -c 1-40)... It has to become the command, not to start it"
  same "NSpid: $target 1" "NSpid: $(numbers "$target")" "$hint"
}

@test "its /proc shows its own processes, and nobody else has that mount" {
  runs
  # What run.sh itself started there may be ending just now. The shell reaps it while it waits for sleep.
  run_sh /bin/sh -c 'sleep 0.2; echo /proc/[0-9]*; exec readlink /proc/self'
  hint="the file system there is the host's: it shows the pid namespace of who mounted it. Mount a new one, inside"
  [[ $output != *'*'* ]] || hint="there is no process in /proc. Which file system has to be mounted there? See ../minirun explain proc"
  same "/proc/1"$'\n'1 "$output$errors" "$hint"
  same '' "$(comm -13 <(sort <<< "$before") <(sort <<< "$while_it_runs"))" "the host has the mount too: lesson 7, --propagation private"
  same '/ overlay /proc proc' "$(awk '{ for (i = 7; $i != "-"; i++); printf "%s %s ", $5, $(i + 1) }' "/proc/$target/mountinfo" | sed 's/ $//')" \
    "its table has an overlay as its root and a proc, and no mount of the host"
}

@test "KILL from outside ends process 1, and all the others" {
  runs
  kill -KILL "$target"
  # unshare(1) of util-linux 2.38 says 1 where it should say 137.
  [ "$(ended plain)" != 0 ] || bad "a status that is not 0" 0 "the command was killed: whoever called run.sh has to know"
  for _ in $(seq 20); do is_there "1$base" || return 0; sleep 0.1; done
  bad "no process: sleep 1$base" "process $found" "it was in the same pid namespace, and that has no process 1 any more: is it?"
}

@test "INIT=1 run.sh run: process 1 is an init, and the command its child" {
  [ -n "$command" ] || bad "a process: sleep 3$base" "none. It said: $(cat "$BATS_FILE_TMPDIR/init.err")" \
    "try it: sudo INIT=1 ./run.sh run ../examples/busybox.tar.gz ps"
  inside=$(numbers "$command") parent=$(numbers "$init")
  if [ "${inside##* }" = 1 ] || [ "$parent" != "$init 1" ]; then
    bad "its parent is process 1" "it is process ${inside##* }, its parent is ${parent##* }" \
      "inside the command is process ${inside##* }. pivot --init has to fork: the child becomes the command, and the parent stays"
  fi
}

@test "the init reaps orphans" {
  has_init
  for _ in $(seq 15); do
    zombies=$(ps -o stat=,comm= --ppid "$init" | awk '/^Z/')
    [ -n "$zombies" ] || return 0
    sleep 0.1
  done
  bad "no zombie" "$zombies" \
    "process $init is their parent now, since the one that started them has ended: wait(2) for any child, not only for the command"
}

@test "the init passes TERM on to the command" {
  has_init
  kill -TERM "$init"
  seen=$(ended init)
  caught=$(awk '/^SigCgt/ { print $2 }' "/proc/$init/status" 2> /dev/null) || true
  blocked=$(awk '/^SigBlk/ { print $2 }' "/proc/$command/status" 2> /dev/null) || true
  hint="process 1 was told, and the command goes on. TERM is signal 15: is it passed on to the child's number?"
  if [ "$seen" = 'it still runs' ]; then
    if [ ! -e "/proc/$command" ]; then
      hint="the command has ended, and another process goes on. Don't wait for that one: when process 1 ends, the kernel ends all others"
    elif [ $((0x${blocked:-0} >> 14 & 1)) = 1 ]; then
      hint="the command got the signal and has it blocked: SigBlk is $blocked in /proc/$command/status. It has that from its parent: a blocked signal stays blocked over fork and exec"
    elif [ $((0x${caught:-0} >> 14 & 1)) = 0 ]; then
      hint="the kernel dropped it, because process 1 has no handler for TERM: SigCgt is $caught in /proc/$init/status, and bit 14 is not set"
    fi
  elif [ "$seen" = 0 ]; then
    hint="the command was ended by signal 15, and you say that all is well: lesson 2, WIFSIGNALED"
  fi
  same 143 "$seen" "$hint"
  # One that has something to do before it ends.
  number=$((2 + RANDOM % 100))
  words="trap 'exit $number' TERM; echo ready; while :; do sleep 0.1; done"
  INIT=1 background polite sh -c "$words"
  for _ in $(seq 30); do [ ! -s "$BATS_FILE_TMPDIR/polite.out" ] || break; sleep 0.1; done
  find_process sh -c "$words"
  [ -n "$found" ] || bad "a process: sh -c trap ..." "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/polite.err")" \
    "with INIT=1 the init's child becomes the command, with its words as they were given"
  kill -TERM "$(ps -o ppid= -p "$found" | tr -d ' ')"
  same "$number" "$(ended polite)" "the command has a handler of its own for TERM, and exits with $number: end with its status"
}

@test "the init ends with the command, with its status" {
  number=$((2 + RANDOM % 100))
  INIT=1 run_sh /bin/sh -c "(sleep 5$base &); exit $number"
  hint="the command exited with $number"
  [ "$status" != 124 ] || hint="the command has ended, and another process goes on. Don't wait for that one: when process 1 ends, the kernel ends all others"
  same "$number" "$status" "$hint"
  INIT=1 run_sh "/bin/nosuch-$base"
  same 127 "$status" "there is no such program: the child ends with 127, lesson 2"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "I am process 1 of" "$(grep -o 'I am process [0-9]* of' <<< "$output")$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
