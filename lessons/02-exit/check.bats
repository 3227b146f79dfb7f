#!/usr/bin/env bats
# Lesson 2: launch runs a command as its child and ends as the command has ended.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check

setup_file() {
  launch=$BATS_FILE_TMPDIR/launch
  cc -Wall -o "$launch" launch.c > "$BATS_FILE_TMPDIR/compiler" 2>&1 < /dev/null 3>&- || launch=''
  export launch
}

launches() { # launches COMMAND...: sets status, output and errors
  [ -n "$launch" ] || missing "there is no program: launch.c does not compile"
  student 5 "$launch" "$@"
  [ "$status" != 124 ] || bad "it ends with its command" "after 5 seconds it was still there" \
    "launch waits for something that does not come: does it wait for the number that fork(2) returned, and does the child call exec?"
}

# How a status came to be, as far as one can see it from outside.
why() {
  case $status in
    0) echo "launch says 0, all is well" ;;
    139) echo "launch itself was ended by signal 11, SEGV: a pointer is wrong" ;;
    *) echo "launch says $status" ;;
  esac
}

@test "predict.txt says what you expected" {
  number=$(grep -vE '^#|^[[:space:]]*$' predict.txt | head -n 1 | tr -d '[:space:]') || true
  [[ $number =~ ^[0-9]+$ ]] || predicted "what does echo \$? print after signal 9 has ended the program?" 'a number'
}

@test "launch.c compiles: cc -Wall -o launch launch.c" {
  [ -n "$launch" ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" \
    "begin with the first error that the compiler tells: cc -Wall -o launch launch.c"
}

@test "the command runs, with its words as they are" {
  word=$(random_word)
  launches printf '<%s>' "$word" 'two  words' '' "\$HOME"
  # Who doesn't wait may be gone before the command has said a word.
  [ -n "$output$errors" ] || [ "$status" -ne 0 ] || bad "<$word>..." "" \
    "nothing was printed, and launch says that all is well: does the child call exec, and who calls waitpid(2)?"
  # shellcheck disable=SC2016  # it is to stay as it is
  same "<$word><two  words><><\$HOME>" "$output$errors" \
    "execvp(3) takes the words from the command's name on, with NULL at the end: argv + 1 is just that"
}

@test "launch ends after the command, not before" {
  launches sh -c 'sleep 0.4; echo finished'
  [ "$output" = finished ] || bad finished "$output" "launch was gone before its command had finished: who calls waitpid(2)?"
}

@test "the command is a child of launch" {
  [ -n "$launch" ] || missing "there is no program: launch.c does not compile"
  # shellcheck disable=SC2016  # the inner shells put it in
  student 5 sh -c 'echo $$; exec "$0" sh -c "echo \$PPID"' "$launch"
  launch_is=${output%%$'\n'*} parent_is=${output##*$'\n'}
  [[ $output == *$'\n'* ]] || missing "no command ran"
  same "its parent is $launch_is" "its parent is $parent_is" \
    "exec replaces launch itself, and nobody is left to wait: fork(2) first, and call exec in the child alone"
}

@test "the command's exit status is launch's" {
  for number in 0 1 $((2 + RANDOM % 120)); do
    launches sh -c "exit $number"
    hint="$(why), the command exited with $number. What waitpid(2) stores is no exit status yet: see WEXITSTATUS in wait(2)"
    same "$number" "$status" "$hint"
  done
}

@test "a command that signal N ended: 128 + N" {
  for number in 9 $(((RANDOM % 2) * 14 + 1)); do
    launches sh -c "kill -$number \$\$; sleep 1"
    same "$((128 + number))" "$status" \
      "$(why), but signal $number ended the command, and then WEXITSTATUS means nothing: ask WIFSIGNALED first"
  done
}

@test "a command that is not found: 127, and why on standard error" {
  launches "nosuch-$(random_word)"
  same 127 "$status" "$(why). When execvp(3) comes back it has failed, and still in the child: errno is ENOENT. The child is to _exit with 127"
  [ -n "$errors" ] || bad "a message on standard error" "" "a person who reads only 127 has to guess: say which command, and strerror(errno)"
}

@test "a command that can't be executed: 126, and why on standard error" {
  file=$BATS_TEST_TMPDIR/$(random_word)
  echo 'echo no' > "$file"
  for what in "$file" "$BATS_TEST_TMPDIR"; do
    launches "$what"
    same 126 "$status" "$(why). The file is there, but errno is EACCES, not ENOENT: which status is for that?"
  done
  [ -n "$errors" ] || bad "a message on standard error" "" "a person who reads only 126 has to guess: say which command, and strerror(errno)"
}

@test "launch without a command: 125" {
  launches
  same 125 "$status" "$(why). There was nothing to run: that is no command's failure but launch's own"
}

@test "launch that can't fork: 125, and why on standard error" {
  [ -n "$launch" ] || missing "there is no program: launch.c does not compile"
  exec 9< "$launch" # another user can't reach the directory, but can use this descriptor
  alone=(prlimit --nproc=0)
  if setpriv --reuid=65534 --clear-groups true 2> /dev/null; then alone=(setpriv --reuid=65534 --clear-groups prlimit --nproc=0); fi
  student 5 "${alone[@]}" /proc/self/fd/9 true
  same 125 "$status" "$(why). This user may have no more processes, and fork(2) returned -1: it is easily taken for a child's number"
  [ -n "$errors" ] || bad "a message on standard error" "" "perror(3) says what errno means"
}
