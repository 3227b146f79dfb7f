#!/usr/bin/env bats
# Lesson 6: run.sh runs an image in its own tree, and escape.c gets out of such a tree.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR
  word=$(random_word) seconds=$((1000 + RANDOM)).$RANDOM
  mkdir -p "$dir/1/bin" "$dir/2"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh cat sleep echo; do ln -s busybox "$dir/1/bin/$name"; done
  echo "$word" > "$dir/2/marker-$word"
  make "$dir/words.tar" '{"Entrypoint":["/bin/sh","-c"],"Cmd":["cat \"$0\" /marker-*","/marker-'"$word"'"]}'
  make "$dir/echo.tar" '{"Entrypoint":["/bin/echo"],"Cmd":["one","two  three",""]}'
  make "$dir/sleep.tar" '{"Cmd":["/bin/sleep","'"$seconds"'"]}'
  make "$dir/sh.tar" '{"Cmd":["/bin/sh"]}'
  start_student ./run.sh run "$dir/sleep.tar"
  find_process /bin/sleep "$seconds"
  target=$found
  cc -static -o "$dir/escape" escape.c > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f "$dir/escape"
  export word seconds target
}
make() { make_image "$1" packed "$2" "$BATS_FILE_TMPDIR/1" "$BATS_FILE_TMPDIR/2"; }

teardown_file() { stop "$target"; }

image() { echo "$BATS_FILE_TMPDIR/$1.tar"; }
run_sh() { student 10 ./run.sh run "$@"; }
left() { find "$TMPDIR" "$LAB_WORK" -xdev -name "marker-$word" -not -path "$BATS_FILE_TMPDIR/*" | sed 's#/marker.*##' | sort; }

@test "predict.txt says what you expected" {
  predicted "can root in a chroot read a file that lies outside?" yes no
}

@test "run.sh run IMAGE runs the image's command" {
  [ -n "$target" ] || bad "a process: /bin/sleep $seconds" "none. It said: $(cat "$BATS_FILE_TMPDIR/errors")" \
    "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}

@test "its root is the image's tree" {
  [ -n "$target" ] || missing "there is no process to look at"
  root=$(readlink "/proc/$target/root")
  [ "$root" != / ] || bad "a directory in /proc/$target/root" "$root" "your process has the root of the host, /: which command runs a program with another root?"
  [ -e "/proc/$target/root/marker-$word" ] || bad "the image's files in $root" "$(ls "/proc/$target/root")" "the tree has to be unpacked before the program is started"
  [ "$(readlink "/proc/$target/cwd")" = "$root" ] || bad "it stands in $root" "it stands in $(readlink "/proc/$target/cwd")" "chroot(8) goes to / of the new root by itself"
}

@test "the words are as the image says them" {
  run_sh "$(image echo)"
  same "one two  three " "$output$errors" "\"two  three\" is one word with a blank in it, and the last one is empty: keep them in an array, \"\${argv[@]}\""
  run_sh "$(image words)"
  same "$word"$'\n'"$word" "$output$errors" "Entrypoint and Cmd together are the command"
}

@test "a COMMAND takes the place of Cmd" {
  run_sh "$(image sh)" /bin/echo "$word" 'a  b'
  same "$word a  b" "$output$errors" "run.sh run IMAGE COMMAND ARG...: what stands after IMAGE is run instead of the image's Cmd"
  run_sh "$(image echo)" "$word"
  same "$word" "$output$errors" "Entrypoint stays where a COMMAND is given: the COMMAND is its arguments"
}

@test "the status is the command's" {
  number=$((2 + RANDOM % 100))
  run_sh "$(image sh)" /bin/sh -c "exit $number"
  same "$number" "$status" "a script ends with the status of its last command. What is the last command of your script, when the tree has been removed?"
}

@test "the tree is removed, when the command fails too" {
  before=$(left) # that of the sleep, which still runs
  run_sh "$(image words)"
  same "$before" "$(left)" "the image's files are still there: remove them when the command has ended. See trap ... EXIT in help trap"
  run_sh "$(image sh)" /bin/sh -c 'exit 3'
  same "$before" "$(left)" "the image's files are still there after a command that failed: set -e ended your script before it removed them. trap ... EXIT works however the script ends"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  run_sh "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}

@test "escape.c compiles: cc -static -o escape escape.c" {
  [ -x "$BATS_FILE_TMPDIR/escape" ] || bad "no error" "$(grep -E 'error|undefined|cannot find' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "escape, in a chroot with nothing but itself, prints a file of the host" {
  [ -x "$BATS_FILE_TMPDIR/escape" ] || missing "escape.c does not compile"
  local cage=$BATS_TEST_TMPDIR/a/b/cage calls
  mkdir -p "$cage"
  cp "$BATS_FILE_TMPDIR/escape" "$cage/"
  random_word > "$BATS_TEST_TMPDIR/secret"
  student 5 chroot "$cage" /escape "$BATS_TEST_TMPDIR/secret"
  calls=$(grep -oE '\b(chroot|chdir|fchdir)\(' escape.c | tr -d '(' | tr '\n' ' ')
  hint="going up did not lead out. Where do you stand, above the root or in it, when you begin to go up? chroot(2) does not move you, chdir(2) does"
  case " $calls" in
    *chroot*chroot*) ;;
    *chroot*chdir*) hint="you may stand outside now, but paths that begin with / still begin at the root that was set last. Set it once more" ;;
    *) hint="\"..\" of the root is the root: up from there leads nowhere. But what if the root is moved to where you are not? chroot(2) says that it does not change the working directory" ;;
  esac
  same "$(cat "$BATS_TEST_TMPDIR/secret")" "$output$errors" "$hint"
}
