#!/usr/bin/env bats
# Lesson 16: the steps that the student has written do what minirun's own do. Each is looked at from outside, and with a kernel
# that says no (strace's injection).

# what ../check.bash sets; what stands in single quotes is for an inner shell; $options are several words
# shellcheck disable=SC2154,SC2016,SC2086,SC2015

load ../check

setup_file() {
  local dir=$BATS_FILE_TMPDIR
  mount --make-rshared / # as systemd does
  umask 022
  export MINIRUN_ROOT=$dir/store MINE=minirun/build/minirun THEIRS=$LAB_LESSON/../../build/minirun
  word=box-$(random_word) seconds=$((1000 + RANDOM)).$RANDOM
  image=$LAB_LESSON/../../examples/busybox.tar.gz
  mkdir "$dir/follow"
  mount -t tmpfs follow "$dir/follow"
  mkdir "$dir/follow/sub"
  export word seconds image target=''
  if [ -x "$MINE" ]; then
    "$THEIRS" load "$image" > /dev/null
    export options
    options=$("$LAB_LESSON/../code" . | awk '/not written yet$/ { printf "--skip %s --yes-break-it ", $1 }')
    start_student "$MINE" $options -h "$word" "$image" sleep "$seconds"
    find_process sleep "$seconds"
    target=$found
  fi
}
teardown_file() {
  stop "$target"
  umount -l "$BATS_FILE_TMPDIR/follow"
}

code() { "$LAB_LESSON/../code" .; }
how_far() { code | sed -nE "s/^$1 +[^ ]+ +//p"; }

# mine STEP: only if the student has written it. Otherwise this line of the answer is left open.
mine() {
  local said
  case $(how_far "$1") in
    yours) ;;
    'not written yet') missing "step $1 is taken out, and not written yet" "what $1 has to do says: minirun explain $1. In the same file, below apply, stands calls(): the system calls that it should make" ;;
    *) skip "lab code $1" ;;
  esac
  is_made
  said=$(grep -v ' is left out: ' "$BATS_FILE_TMPDIR/errors") || true
  [ -n "$target" ] || bad "a container that runs" "$said" "$(why_none)"
}

# why_none: a hint for what minirun said when it could not run the container.
why_none() {
  local failed
  failed=$(sed -nE 's/^minirun: step ([a-z-]+): .*/\1/p' <<< "$said" | head -n 1)
  case $failed:$said in
    detach:*busy*) echo "EBUSY: the old root is in use, and always will be. So take it out of the table at once, and let the kernel free it later: umount2(2), MNT_DETACH" ;;
    pivot-root:*Invalid*) echo "EINVAL: pivot_root wants no shared mount near it. Look at the step private: not only / must become private, but all below it (mount(2), MS_REC)" ;;
    :*) echo "try it: sudo minirun/build/minirun ../examples/busybox.tar.gz true" ;;
    *)
      if [ "$(how_far "$failed")" = yours ]; then
        echo "your step $failed failed. What errno means for its call is under ERRORS in the call's manual page"
      else
        echo "step $failed is minirun's own, and it needs what a step before it has made. Is / the tree of layers, for the process and for its whole mount namespace (pivot_root and not chroot)?"
      fi
      ;;
  esac
}

is_made() {
  local newer
  newer=$(find minirun -name '*.cpp' -newer "$MINE" 2> /dev/null | head -n 1)
  [ -x "$MINE" ] && [ -z "$newer" ] || missing "minirun/build/minirun is older than ${newer:-its source}" "type: make -C minirun"
}

# run_mine OPTION... COMMAND: what the student's minirun says, with the steps left out that are not written yet.
run_mine() {
  student 10 timeout 10 "$MINE" $options "$@"
}

# says_no CALL[:when=N]: if the kernel refuses this call, minirun has to end and to say so.
says_no() {
  student 15 strace -f -qqq -o "$BATS_TEST_TMPDIR/trace" -e "trace=${1%:*}" -e "inject=${1%:*}:error=ENOMEM${2-}" "$MINE" $options "$image" true
  grep -q INJECTED "$BATS_TEST_TMPDIR/trace" || bad "a call of ${1%:*}" "none" "strace saw no such call. calls(), below apply, lists those that the step makes"
  [ "$status" = 125 ] || bad "status 125, and a line that says what failed" "status $status. $errors" \
    "the kernel said no to ${1%:*}, and the container ran all the same. Look at the call's result: check(CALL, WORDS) throws where it is -1"
}

inside() { nsenter -t "$target" "$@"; }
status_of() { grep -E "^($1):" "/proc/$target/status" | tr -s '\t ' ' '; }
# like_theirs WORDS OPTION...: /proc/self/status inside, the student's against the checkout's.
like_theirs() {
  local words=$1 wanted
  shift
  wanted=$("$THEIRS" $options "$@" "$image" grep -E "^($words):" /proc/self/status 2> /dev/null)
  run_mine "$@" "$image" grep -E "^($words):" /proc/self/status
  same "$wanted" "$output" "with ${*:-no options}, /proc/self/status inside shows something else than with the step as it was. It said: ${errors:-nothing}"
}

@test "predict.txt says what you expected" {
  predicted "without detach, does hello-world still run?" yes no
}

@test "four steps at least are yours, and minirun is made of them" {
  [ -d minirun ] || missing "no step is taken out yet" "begin with the easiest: ../lab code hostname"
  yours=$(code | grep -c 'yours$') || true
  [ "$yours" -ge 4 ] || bad "4 steps or more" "$yours" "a step counts when you have written it. Without a name, ../lab code lists them, from easy to hard"
  is_made
}

@test "hostname" {
  mine hostname
  same "$word" "$(inside -u uname -n)" "minirun -h $word: that is the field name of the op, and the name is not ended by a zero byte: its size counts"
  says_no sethostname
}

@test "no-new-privs" {
  mine no-new-privs
  same "NoNewPrivs: 1" "$(status_of NoNewPrivs)" "prctl(2), PR_SET_NO_NEW_PRIVS"
  # There are other calls of prctl before it, in the same process.
  strace -f -qqq -o "$BATS_TEST_TMPDIR/calls" -e trace=prctl "$MINE" $options "$image" true
  number=$(awk '{ count[$1]++ } /PR_SET_NO_NEW_PRIVS/ { print count[$1]; exit }' "$BATS_TEST_TMPDIR/calls")
  says_no prctl ":when=${number:-1}"
}

@test "session" {
  mine session
  same "$target" "$(ps -o sid= -p "$target" | tr -d ' ')" "setsid(2) makes the process the leader of a session whose number is its own"
  says_no setsid
  grep -q 'KEYCTL_JOIN_SESSION_KEYRING' <(strace -f -qqq -e trace=keyctl "$MINE" $options "$image" true 2>&1) ||
    bad "keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL)" "no such call" "the session keyring is the second half: without a new one the program can use the keys of your login"
}

@test "private" {
  mine private
  same '' "$(grep -E ' (shared|master):' "/proc/$target/mountinfo" | cut -d ' ' -f 5,7)" "these mounts of the container are tied to others: not only / must become private, but all below it. mount(2), MS_REC"
  same '' "$(grep -F "$MINIRUN_ROOT" /proc/self/mountinfo | cut -d ' ' -f 5)" "mounts of the container appear outside of it: they are shared with the host's"
  says_no mount :when=1
  start_student "$MINE" $options -v "$BATS_FILE_TMPDIR/follow:/mnt:rslave" "$image" sleep "1$seconds"
  find_process sleep "1$seconds"
  mount -t tmpfs "$word" "$BATS_FILE_TMPDIR/follow/sub"
  seen=$(awk '$5 == "/mnt/sub"' "/proc/$found/mountinfo" | wc -l)
  stop "$found"
  same 1 "$seen" "with -v DIR:/mnt:rslave a mount that the host makes in DIR later has to appear inside. The op has a field for it, follows_host: MS_SLAVE instead of MS_PRIVATE"
}

@test "uts-namespace" {
  mine uts-namespace
  for kind in uts ipc net; do
    [ "$(namespace "$kind" "$target")" != "$(namespace "$kind")" ] || bad "another $kind namespace than the host's" "$(namespace "$kind")" \
      "the same op makes three namespaces, in three steps: which one says its field flag"
  done
  says_no unshare
}

@test "pivot-root" {
  mine pivot-root
  # Who enters the namespace begins at its root, and not at that of the process. (Where two mounts are on /, detach is to blame.)
  seen=$(nsenter --mount="/proc/$target/ns/mnt" /bin/sh -c 'cd / && echo *' 2>&1)
  [ "$(awk '$5 == "/"' "/proc/$target/mountinfo" | wc -l)" -gt 1 ] || same "$(cd "/proc/$target/root" && echo *)" "$seen" "the process has another root than its mount namespace: that is what chroot does. pivot_root(2) changes it for all"
  says_no pivot_root
}

@test "detach" {
  mine detach
  same 1 "$(awk '$5 == "/"' "/proc/$target/mountinfo" | wc -l)" "this many mounts are on / in the container's table. After pivot_root the old root lies on top of the new one: umount2(2), MNT_DETACH"
  same "$(cd "/proc/$target/root" && echo *)" "$(inside -m -r busybox sh -c 'cd /..; echo *')" "/.. inside is still the host's root"
  says_no umount2
}

@test "caps" {
  mine caps
  like_theirs 'CapInh|CapPrm|CapEff|CapBnd'
  like_theirs 'CapInh|CapPrm|CapEff' --cap-drop "$(shuf -n 1 -e CHOWN FOWNER KILL SETFCAP)" --cap-add "$(shuf -n 1 -e NET_ADMIN SYS_TIME SYSLOG)"
  like_theirs 'CapPrm|CapEff|CapAmb' --cap-add CHECKPOINT_RESTORE
  wanted=$'CapAmb:\t0000000000000000'
  student 10 setpriv --inh-caps +net_raw --ambient-caps +net_raw "$MINE" $options -u 1000 "$image" grep CapAmb /proc/self/status
  same "$wanted" "$output" "who starts minirun with an ambient capability gives it to the program: PR_CAP_AMBIENT_CLEAR_ALL. It said: ${errors:-nothing}"
  says_no capset
}

@test "overlay" {
  mine overlay
  run_mine "$image" sh -c 'echo here > /tmp/written; cat /tmp/written; ls /; grep " / / " /proc/self/mountinfo | grep -c overlay'
  wanted=$("$THEIRS" "$image" sh -c 'echo here; ls /; echo 1' 2> /dev/null)
  same "$wanted" "$output" "the tree of layers at /, and what is written goes on top. It said: ${errors:-nothing}"
  [ ! -e "$(echo "$MINIRUN_ROOT"/overlay2/*/diff/tmp/written | cut -d ' ' -f 1)" ] || bad "no file in the image's layers" "tmp/written" "it was written into a layer of the image"
  says_no mount :when=2
  MINIRUN_ROOT=$BATS_FILE_TMPDIR/a,b run_mine "$image" echo "$word"
  same "$word" "$output" "a path with a comma in it can't be an option of the mount: can_be_written_plainly and shorten, above in the file, are for that. It said: ${errors:-nothing}"
}

@test "seccomp" {
  mine seccomp
  like_theirs 'Seccomp|Seccomp_filters'
  run_mine --cap-add SYS_ADMIN "$image" sh -c 'mount -t tmpfs x /tmp && echo mounted'
  same mounted "$output" "with --cap-add SYS_ADMIN a program may mount, and its filter has to let it: which filter it is says the field filter. It said: ${errors:-nothing}"
  run_mine "$image" sh -c 'unshare -U true 2>&1 | grep -o "not permitted"'
  same "not permitted" "$output" "a program that makes a user namespace must be refused. It said: ${errors:-nothing}"
  says_no seccomp
}

@test "all together: hello-world runs" {
  [ -d minirun ] || missing "no step is taken out yet" "begin with the easiest: ../lab code hostname"
  run_mine "$LAB_LESSON/../../examples/hello-world.tar.gz"
  same "Hello from a container!" "${output%%$'\n'*}" "it said: ${errors:-nothing}"
}
