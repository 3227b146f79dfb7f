[ "$(id -u)" -eq 0 ] || { complain 'run it as root: sudo sh FILE'; exit 125; }
[ -f "$0" ] || { complain 'save it to a file first, because it is read twice'; exit 125; }

undo=        # what to undo at the end, newest first
child=       # the container's first process begins below this one
relays=      # carry what the program writes
feeder=      # and what it reads
pty=         # with -t: script(1) is between us and the container's first process
status=125   # a step failed, until the program says otherwise
ended=       # the status, if it was a signal to us that ended the program
finish() {
  trap '' HUP INT QUIT TERM
  trap - EXIT
  set +e
  [ -z "$step" ] || complain "step $step failed"
  for each in $undo; do "$each"; done
  [ -z "$relays$feeder" ] || kill $relays $feeder 2> /dev/null
  [ "$status" -ne 137 ] || status=${ended:-137}
  exit "$status"
}
trap finish EXIT

# pass NAME NUMBER: hands a signal to the program. The kernel drops those that a pid 1 has no
# handler for (pid_namespaces(7)), so a program that does nothing about one that ends is killed. It
# has begun when the container's first process leads a session (step session); before, that ends.
pass() {
  came=yes
  ended=$((128 + $2))
  [ -n "$child" ] || return 0
  first='' stat='' does=0
  read -r first 2> /dev/null < "/proc/$child/task/$child/children" || :
  [ -z "$pty" ] || read -r first 2> /dev/null < "/proc/$first/task/$first/children" || :
  read -r stat 2> /dev/null < "/proc/$first/stat" || :
  stat=${stat##*) }       # the name may have spaces, then come: state, parent, group, session
  stat=${stat#* * * }
  if [ "${stat%% *}" = "$first" ]; then
    while read -r field mask; do
      case $field in SigBlk: | SigIgn: | SigCgt:) does=$((does | 0x$mask >> $2 - 1 & 1)) ;; esac
    done 2> /dev/null < "/proc/$first/status" || :
  fi
  if [ "$does" -eq 1 ]; then
    ended=
    kill -s "$1" "$first" || :
  else
    kill -KILL "${first:-$child}" || :
  fi
}
trap 'pass HUP 1' HUP
trap 'pass INT 2' INT
trap 'pass QUIT 3' QUIT
trap 'pass USR1 10' USR1
trap 'pass USR2 12' USR2
trap 'pass TERM 15' TERM
