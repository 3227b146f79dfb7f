#!/usr/bin/env bats
# Lesson 12: table.txt is right, and run.sh runs what the image says, with its variables, in its directory, as its user.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name config
  mount --make-rshared /
  umask 022
  word=$(random_word) base=$((1000 + RANDOM))
  # Names that the host knows too, with other numbers.
  uid=$((2000 + RANDOM)) gid=$((2000 + RANDOM)) more=$((40000 + RANDOM % 9000)) callers=$((50000 + RANDOM % 9000))
  export STORE=$dir/store
  cc -Wall -o pivot pivot.c -lutil > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -p "$dir/1"/{bin,etc,closed} "$dir/outside"
  chmod 700 "$dir/1/closed"
  ln -s "$dir/outside" "$dir/1/link"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep echo id stat; do ln -s busybox "$dir/1/bin/$name"; done
  printf 'root:x:0:0:root:/root:/bin/sh\ngames:x:%s:%s::/home/%s:/bin/sh\n' "$uid" "$gid" "$word" > "$dir/1/etc/passwd"
  printf 'root:x:0:\nstaff:x:%s:somebody,games\n' "$more" > "$dir/1/etc/group"
  config=$(jq -cn --arg word "$word" --arg base "$base" '{Entrypoint: ["sleep"], Cmd: ["2\($base)"], User: "games",
    WorkingDir: "/made/\($word)", Env: ["PATH=/bin", "FROM=image", "WORD=\($word) two", "OTHER=$FROM"]}')
  make_image "$dir/image.tar" new "$config" "$dir/1"
  config=$(jq -cn --arg word "$word" '{Entrypoint: ["echo", "e \($word)"], Cmd: ["c"], Env: ["PATH=/bin"]}')
  make_image "$dir/echo.tar" new "$config" "$dir/1"
  # The student's answers behind our own questions.
  awk -F '|' 'NR == FNR { if (!/^#/) answer[$1 + 0] = $5; next } !/^#/ { sub(/[^|]*$/, ""); print $0 answer[$1 + 0] }' \
    table.txt "$LAB_LESSON/start/table.txt" > "$dir/rows"
  timeout 20 "$LAB_LESSON/start/table.sh" "$dir/rows" > "$dir/table" 2>&1 < /dev/null 3>&- 4>&- &
  comparison=$!
  export CALLERS=$word word base uid gid more callers
  # From a shell with a group of its own, and a variable that the container must not get.
  start_student setpriv --groups "0,$callers" ./run.sh run "$dir/image.tar"
  find_process sleep "2$base"
  target=$found
  OTHER="other $word" start_student setpriv --groups "0,$callers" ./run.sh run -e FROM=first -e "FROM=last $word" -e OTHER -e WORD \
    -u games:staff -w /closed "$dir/image.tar" "3$base"
  find_process sleep "3$base"
  optional=$found
  wait "$comparison" || true
  export target optional
}

teardown_file() { stop "$target" "$optional"; }

run_sh() { student 10 ./run.sh run "$@"; }
image() { echo "$BATS_FILE_TMPDIR/$1.tar"; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
runs_too() { [ -n "$optional" ] || missing "there is no process to look at"; }
variable() { tr '\0' '\n' < "/proc/$1/environ" | grep "^$2=" | head -n 1; }
ids() { awk -v key="$2:" '$1 == key { $1 = ""; print substr($0, 2) }' "/proc/$1/status"; }

# What each of the 16 lines is about.
rule() {
  case $1 in
    1 | 3) echo "the command is Entrypoint and then Cmd. Here there is only one of them" ;;
    2) echo "a COMMAND takes the place of Cmd" ;;
    4 | 6) echo "a COMMAND takes the place of Cmd. Entrypoint stays, so the words of COMMAND are words for it" ;;
    5) echo "the command is Entrypoint and then Cmd: the words of Cmd are words for the program of Entrypoint" ;;
    7 | 8) echo "--entrypoint takes the place of Entrypoint with all its words. Cmd is dropped, because it was made for the other one" ;;
    9) echo "an empty --entrypoint takes Entrypoint away, and COMMAND is the whole command" ;;
    10) echo "sh -c takes one word as its script. What comes behind is \$0, \$1 for the script, and this one does not use them" ;;
    11) echo "no shell reads the config's Env: \$A stays as it is" ;;
    12) echo "of two values for one name the later one wins" ;;
    13) echo "-e A without a value passes on yours. You have none, so the container has none either" ;;
    14) echo "the number, the group and the home are in the image's passwd" ;;
    15) echo "a number needs no line in passwd. Then the group is 0, and the home is /" ;;
    16) echo "a WorkingDir that is missing is made. It belongs to root, whoever the User is, and status 1 is a failure" ;;
  esac
}

@test "table.txt has an answer for each of the 16 runs" {
  empty=$(awk -F '|' '$5 !~ /[^ ]/ { print $1 + 0 }' "$BATS_FILE_TMPDIR/rows" | tr '\n' ' ')
  [ -z "$empty" ] || missing "there is no answer in lines: $empty" "write behind the last bar of each line in table.txt what you think that this run prints"
}

@test "table.txt: the machine says the same" {
  seen=$(cat "$BATS_FILE_TMPDIR/table")
  [[ $seen == *' of 16 are as you said.' ]] || missing "there is nothing to compare"
  [ "$seen" != '16 of 16 are as you said.' ] || return 0
  line=$(head -n 1 <<< "$seen")
  bad "${line##*machine: }" "$(sed -E 's/^[0-9]+  you: //; s/    machine: .*//' <<< "$line")" "line ${line%% *}: $(rule "${line%% *}")"
}

@test "pivot.c compiles: cc -o pivot pivot.c -lutil" {
  [ -x pivot ] || bad "no error" "$(grep -E 'error|undefined' "$BATS_FILE_TMPDIR/compiler")" "begin with the first error that the compiler tells"
}

@test "run.sh run: Entrypoint and Cmd, COMMAND, --entrypoint" {
  [ -n "$target" ] || bad "a process: sleep 2$base" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/errors")" "try it: sudo ./run.sh run ../examples/config.tar.gz"
  run_sh "$(image echo)"
  same "e $word c" "$output$errors" "$(rule 5)"
  run_sh "$(image echo)" 'x  y' z
  same "e $word x  y z" "$output$errors" "$(rule 6)"
  run_sh --entrypoint /bin/echo "$(image echo)"
  same '' "$output$errors" "$(rule 7)"
  run_sh --entrypoint /bin/echo "$(image echo)" "$word"
  same "$word" "$output$errors" "$(rule 8)"
  run_sh --entrypoint '' "$(image echo)" echo "$word"
  same "$word" "$output$errors" "$(rule 9)"
}

@test "it runs as the image's User, with the user's groups" {
  runs
  hint="games is $uid in the image's etc/passwd"
  [ "$(ids "$target" Uid | cut -d ' ' -f 1)" != 0 ] || hint="it still runs as root. pivot --user has to change to $uid before it becomes the command"
  [ "$(ids "$target" Uid | cut -d ' ' -f 1)" != "$(id -u games)" ] || hint="that is the host's games. In the image's own etc/passwd games is $uid"
  same "$uid $uid $uid" "$(ids "$target" Uid | cut -d ' ' -f 1-3)" "$hint"
  hint="the group in the user's line of the image's passwd is $gid"
  [ "$(ids "$target" Gid | cut -d ' ' -f 1)" != 0 ] || hint="the group is still root's. After setresuid(2) it is too late for setresgid(2): it fails with EPERM, and who does not look at the result goes on with root's group"
  same "$gid $gid $gid" "$(ids "$target" Gid | cut -d ' ' -f 1-3)" "$hint"
  seen=$(ids "$target" Groups)
  [[ " $seen " != *" $callers "* ]] ||
    bad "Groups: $gid $more" "Groups: $seen" "$callers is a group of the shell that called run.sh. It came in, because nobody called setgroups(2): /dev/sda often belongs to a group"
  same "Groups: $(printf '%s\n' "$gid" "$more" | sort -n | tr '\n' ' ')" "Groups: $(tr ' ' '\n' <<< "$seen" | grep . | sort -n | tr '\n' ' ')" \
    "staff, $more, lists games in the image's etc/group, as its fourth field, so games is in it"
}

@test "-u USER:GROUP, and numbers" {
  runs_too
  same "$uid $more Groups: $more" "$(ids "$optional" Uid | cut -d ' ' -f 1) $(ids "$optional" Gid | cut -d ' ' -f 1) Groups: $(ids "$optional" Groups | sed 's/ *$//')" \
    "-u games:staff: who names a group gets that one alone, and none of those that list games"
  run_sh -u 4711 --entrypoint /bin/sh "$(image image)" -c 'echo $(id -u) $(id -g) $HOME'
  same "4711 0 /" "$output$errors" "$(rule 15)"
  run_sh -u "nosuch$word" "$(image image)"
  same 125 "$status" "the image has no user nosuch$word: say so, and end with 125 before anything runs"
}

@test "its variables are those of the image, and not one is yours" {
  runs
  same '' "$(variable "$target" CALLERS)" "that is a variable of the shell that called run.sh, and /proc/$target/environ has it: env -i begins without any"
  same "WORD=$word two" "$(variable "$target" WORD)" "the config's Env is a list of words K=V, and a value may have blanks: keep each word whole"
  same 'FROM=image' "$(variable "$target" FROM)" "the config's Env has it"
  same 'OTHER=$FROM' "$(variable "$target" OTHER)" "$(rule 11)"
  same 'PATH=/bin' "$(variable "$target" PATH)" "the image's own PATH wins over the one that you begin with"
  same "HOME=/home/$word" "$(variable "$target" HOME)" "HOME is the sixth field of the user's line in the image's passwd"
  same "HOSTNAME=$(nsenter -t "$target" -u hostname)" "$(variable "$target" HOSTNAME)" "HOSTNAME is the container's name, its id"
  same 'FROM HOME HOSTNAME OTHER PATH WORD' "$(tr '\0' '\n' < "/proc/$target/environ" | cut -d = -f 1 | sort -u | tr '\n' ' ' | sed 's/ $//')" \
    "these names and no others are in /proc/$target/environ"
}

@test "-e: later values win, and a name alone takes the caller's value or removes" {
  [ -n "$optional" ] || bad "a process: sleep 3$base" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/errors")" "try it: sudo ./run.sh run -e A=1 -u student:lab -w /tmp ../examples/config.tar.gz"
  same "FROM=last $word" "$(variable "$optional" FROM)" "the image says FROM=image, then -e FROM=first, then -e 'FROM=last $word': the last one counts"
  same "OTHER=other $word" "$(variable "$optional" OTHER)" "-e OTHER without a value: whoever called run.sh has OTHER='other $word'"
  same '' "$(variable "$optional" WORD)" "-e WORD without a value, and the caller has no WORD: then the container has none, whatever the image says"
}

@test "it begins in WorkingDir, which is made if it is missing" {
  runs && runs_too
  same "/made/$word" "$(nsenter -t "$target" -m readlink "/proc/$target/cwd" 2> /dev/null || readlink "/proc/$target/cwd")" \
    "the image says WorkingDir: /made/$word, and has no such directory: make it, part by part, and chdir(2) there"
  same "0 755" "$(stat -c '%u %a' "/proc/$target/root/made/$word")" "it belongs to root, with mode 755"
  same /closed "$(readlink "/proc/$optional/cwd")" \
    "/closed belongs to root and has mode 700, and USER games with WORKDIR /root is common: root goes there first, and then becomes games"
}

@test "no link of the image's leads out, to a directory of the host" {
  runs
  run_sh -w "/link/made-$word" "$(image echo)"
  [ ! -e "$BATS_FILE_TMPDIR/outside/made-$word" ] || bad "no new directory on the host" "$BATS_FILE_TMPDIR/outside/made-$word" \
    "the image has a link /link to a directory of the host, and mkdir -p followed it, as root. After the pivot the same path leads nowhere: make the directory there, in pivot.c"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
