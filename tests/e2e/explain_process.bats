#!/usr/bin/env bats
# explain --pid: what it says of a process is compared with what the kernel says in /proc, for all kinds of processes.
# bats sets stderr, output, status; scripts are for other shells; $MINIRUN may be several words.
# PID is the test's own.
# shellcheck disable=SC2154,SC2016,SC2086,SC2030,SC2031

load helpers
load container

# A process that lives until the test ends; $PID.
start() {
  "$@" >/dev/null 2>&1 3>&- &
  PID=$!
  started+=("$PID")
}

# The process whose command line is exactly $1, once it is there; $PID. Sleeps here have lengths of their own.
find_process() {
  eventually pgrep -x -f "$1"
  PID=$(pgrep -x -f "$1")
}

# Lengths of sleep that no other test on this machine has.
unique() { echo "$((100000 + $$)).$1"; }

# Nothing of a test may outlive it: other tests look for what containers leave.
teardown() {
  local pid
  [ -z "${proc_is_covered:-}" ] || umount -l /proc
  [ -z "${crun_id:-}" ] || crun delete -f "$crun_id" 2>/dev/null || true
  for pid in "${started[@]}"; do
    # Our own runner is asked, so that it cleans up; others die with what they hold.
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
      minirun) kill -TERM "$pid" ;;
      *) kill -KILL "$pid" 2>/dev/null || true ;;
    esac
    wait "$pid" 2>/dev/null || true
  done
  [ -z "${public_dir:-}" ] || rm -r "$public_dir"
  [ -z "${group:-}" ] || eventually rmdir "$group"
  umount "$WORK" || { umount -l "$WORK" && return 1; }
}

# Sets $json and $text of $PID, and $mountinfo: others may mount things at the same time.
explain() {
  local tries
  for ((tries = 0; tries < 20; tries++)); do
    mountinfo=$(cat "/proc/$PID/mountinfo" 2>/dev/null || true)
    json=$($MINIRUN explain --pid "$PID" --json) || fail "no JSON"
    [ "$mountinfo" != "$(cat "/proc/$PID/mountinfo" 2>/dev/null || true)" ] || break
  done
  jq -e type <<<"$json" >/dev/null || fail "no valid JSON"
  text=$($MINIRUN explain --pid "$PID") || fail "no text"
  output=$text
}

get() { jq -r "$1" <<<"$json"; }

has() { grep -qE -- "$1" <<<"$text" || fail "the text has no: $1"; }

# The JSON is what /proc says of $PID, field for field.
is_true() {
  local kind its yours field
  for kind in cgroup ipc mnt net pid pid_for_children time time_for_children user uts; do
    its=$(readlink "/proc/$PID/ns/$kind") yours=$(readlink "/proc/self/ns/$kind")
    [ "$(get ".namespaces.$kind.inode")" = "$(tr -dc 0-9 <<<"$its")" ] || fail "$kind: its"
    [ "$(get ".namespaces.$kind.yours")" = "$(tr -dc 0-9 <<<"$yours")" ] || fail "$kind: yours"
    [ "$(get ".namespaces.$kind.shared")" = "$([ "$its" = "$yours" ] && echo true || echo false)" ] || fail "$kind"
  done
  for field in Uid:uid Gid:gid; do
    [ "$(get ".${field#*:} | [.real, .effective, .saved, .fs] | join(\" \")")" = \
      "$(awk -v name="${field%:*}:" '$1 == name { print $2, $3, $4, $5 }' "/proc/$PID/status")" ] || fail "$field"
  done
  [ "$(get '.groups | join(" ")')" = "$(sed -nE 's/^Groups:\s*(.*[0-9])? *$/\1/p' "/proc/$PID/status")" ] || fail groups
  [ "$(get '.pids | join(" ")')" = "$(awk '/^NSpid:/ { $1 = ""; print substr($0, 2) }' "/proc/$PID/status")" ] || fail pids
  for field in CapInh:inheritable CapPrm:permitted CapEff:effective CapBnd:bounding CapAmb:ambient; do
    [ "$(cap_bits "${field#*:}")" = "$(status_of "${field%:*}")" ] || fail "$field: $(cap_bits "${field#*:}")"
  done
  [ "$(get '.no_new_privs')" = "$([ "$(status_of NoNewPrivs)" = 1 ] && echo true || echo false)" ] || fail no_new_privs
  case $(get .seccomp.mode) in off) its=0 ;; strict) its=1 ;; *) its=2 ;; esac
  [ "$its $(get .seccomp.filters)" = "$(status_of Seccomp) $(status_of Seccomp_filters)" ] || fail seccomp
  [ "$(get .comm)" = "$(cat "/proc/$PID/comm")" ] || fail comm
  [ "$(get .exe)" = "$(readlink "/proc/$PID/exe")" ] || fail exe
  [ "$(get .root) $(get .cwd)" = "$(readlink "/proc/$PID/root") $(readlink "/proc/$PID/cwd")" ] || fail "root, cwd"
  [ "$(get .parent.pid)" = "$(status_of PPid)" ] || fail parent
  diff <(get '.mounts[] | [.id, .parent, .device, .root, .point, (.options | join(","))] | map(tostring) | join(" ")') \
    <(seen_mounts | cut -d ' ' -f 1-6) || fail mounts
  diff <(get '.mounts[] | [.type, .source, (.super_options | join(","))] | join(" ")') \
    <(seen_mounts | sed 's/.* - //') || fail "mounts' file systems"
  for field in uid_map gid_map; do
    diff <(get ".${field}[] | [.inside, .outside, .count] | map(tostring) | join(\" \")") \
      <(awk '{ print $1, $2, $3 }' "/proc/$PID/$field") || fail "$field"
  done
  diff <(get '.cgroups[] | "\(.hierarchy):\(.controllers | join(",")):\(.path)"') "/proc/$PID/cgroup" || fail cgroups
  diff <(get '.limits[] | "\(.name)|\(.soft // "unlimited")|\(.hard // "unlimited")|\(.unit)"') \
    <(awk '/^Max / { name = substr($0, 1, 26); sub(/ +$/, "", name); split(substr($0, 27) " ", word, " ")
      print name "|" word[1] "|" word[2] "|" word[3] }' "/proc/$PID/limits") || fail limits
  [ "$(get .oom_score_adj)" = "$(cat "/proc/$PID/oom_score_adj")" ] || fail oom_score_adj
}

seen_mounts() { [ -z "$mountinfo" ] || printf '%s\n' "$mountinfo"; }

status_of() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$PID/status"; }

# The bits of a set that the JSON has by name, as /proc writes them; setpriv knows the numbers of the names.
cap_bits() {
  jq -r --arg all "$(setpriv --list-caps)" ".capabilities.$1"' as $set | $all | split("\n") | to_entries[] |
    select(("cap_" + .value) as $name | $set | index($name)) | .key' <<<"$json" |
    awk '{ if ($1 < 24) low += 2 ^ $1; else high += 2 ^ ($1 - 24) } END { printf "%010x%06x\n", high, low }'
}

fits() { [ -z "$(awk 'length($0) > 100' <<<"$text")" ] || fail "wider than 100 columns"; }

@test "explain --pid: a process like any other shares all with you" {
  start sleep 1000
  explain
  is_true
  fits
  has "^$PID \(sleep\) is in no container.* It shares all 8 namespaces with$|^$PID .*shares all 8 namespaces"
  [ "$(get .in_container) $(get .same_root_as_yours)" = 'false true' ] || fail
  [ "$(get '.command | join(" ")')" = 'sleep 1000' ] || fail
  [ "$(get .problems | jq 'del(.label) | length')" = 0 ] || fail "something is not known"
}

@test "explain --pid: the limits of a process, and how far it may raise them" {
  start prlimit --nofile=100:200 --nproc=77:77 --stack=1048576:unlimited --cpu=unlimited \
    sh -c 'echo 300 > /proc/self/oom_score_adj; exec sleep 1000'
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  fits
  has '^  open files +100 files, and it may raise that to 200$'
  has '^  processes +77 processes$'
  has '^  stack size +1048576 bytes \(1.0 MB\), and it may raise that without end$'
  has '^  no limit .*cpu time'
  has '^  oom_score_adj +300: '
}

@test "explain --pid: unshared namespaces, one by one" {
  local flag kind
  for flag in --mount:mnt --uts:uts --ipc:ipc --net:net --cgroup:cgroup --time:time_for_children; do
    kind=${flag#*:}
    start unshare "${flag%:*}" sleep 1000
    eventually grep -qx sleep "/proc/$PID/comm"
    explain
    is_true
    [ "$(get ".namespaces.$kind.shared")" = false ] || fail "$kind is shared"
    # Who unshares time and executes a program is in the new one with it, as its children will be.
    [ "$(get '[.namespaces | to_entries[] | select(.value.shared | not).key] | join(" ")')" = "${kind/time_/time time_}" ] ||
      fail "$kind: and others"
    [ "$(get .in_container)" = false ] || fail "$kind alone makes no container"
  done
  start unshare --mount --pid --fork --kill-child --mount-proc sleep "$(unique 1)"
  find_process "sleep $(unique 1)"
  explain
  is_true
  [ "$(get .in_container)" = true ] || fail "mounts and process numbers of its own"
  has '^  number +[0-9]+ for you; 1 for itself, in its own pid namespace$'
}

@test "explain --pid: a pid namespace that waits for its first process" {
  start unshare --pid sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  [ "$(get .namespaces.pid.shared) $(get .namespaces.pid_for_children.inode)" = 'true null' ] || fail
  has 'of pid_for_children: a new one, without a process yet'
}

@test "explain --pid: a container of minirun's" {
  "$MINIRUN" load "$BUSYBOX" >/dev/null
  local layer
  layer=$("$MINIRUN" inspect "$BUSYBOX" | jq -r '.Layers[0].ShortName')
  start "$MINIRUN" run -u 1000:1001 -w /tmp -v "$VICTIM:/data:ro" "$BUSYBOX" sleep "$(unique 2)"
  find_process "sleep $(unique 2)"
  explain
  is_true
  has "^$PID \(sleep\) is in a container. Of 8 namespaces it shares time and user with you and has its own"
  [ "$(get .in_container) $(get .same_root_as_yours) $(get .cwd)" = 'true false /tmp' ] || fail
  [ "$(get '.namespaces | [to_entries[] | select(.value.shared | not).key] | join(" ")')" = \
    'cgroup ipc mnt net pid pid_for_children uts' ] || fail
  [ "$(get .pids[1])" = 1 ] || fail
  [ "$(get '.mounts[] | select(.point == "/").overlay.lower[0]')" = "l/$layer" ] || fail "the layer by its short name"
  [[ $(get '.mounts[] | select(.point == "/").overlay.upper') == "$MINIRUN_ROOT"/containers/*/diff ]] || fail upper
  has "lower +l/$layer\$"
  [ "$(get '.mounts[] | select(.point == "/data").options[0]')" = ro ] || fail "the volume"
  [ "$(get '.capabilities.effective | length') $(get .no_new_privs) $(get .seccomp.mode)" = '0 true filter' ] || fail
  [ "$(get '.capabilities.bounding | length')" = 11 ] || fail
  has '^  effective +none$'
  has '^  no_new_privs +on: '
}

@test "explain --pid: a sandbox of bubblewrap's, with users of its own" {
  command -v bwrap || skip "bwrap is not installed (apt-get install bubblewrap)"
  start bwrap --unshare-all --die-with-parent --uid 1234 --ro-bind / / --proc /proc --dev /dev sleep "$(unique 3)"
  find_process "sleep $(unique 3)"
  explain
  is_true
  [ "$(get .in_container) $(get .namespaces.user.shared)" = 'true false' ] || fail
  has '0 \(1234 inside\)'
  has 'uid map +1234 inside is 0 for you; '
  has 'They hold over what belongs to its own user namespace'
}

@test "explain --pid: a container of crun's" {
  command -v crun || skip "crun is not installed (apt-get install crun)"
  new_rootfs
  crun_id=explain-test-$$
  (cd "$WORK" && crun spec)
  jq --arg length "$(unique 4)" '.process.terminal = false | .process.args = ["sleep", $length] | .root.path = "rootfs"' \
    "$WORK/config.json" >"$WORK/config" && mv "$WORK/config" "$WORK/config.json"
  # It refuses v1 and v2 side by side.
  start unshare -m sh -c 'while umount /sys/fs/cgroup/unified 2> /dev/null; do :; done; exec crun run -b "$@"' \
    - "$WORK" "$crun_id"
  find_process "sleep $(unique 4)"
  explain
  is_true
  [ "$(get .in_container) $(get .exe) $(get .no_new_privs)" = 'true /bin/busybox true' ] || fail
  [ "$(get '.capabilities.effective | join(" ")')" = 'cap_kill cap_net_bind_service cap_audit_write' ] || fail
  [ "$(get '.mounts[] | select(.point == "/").root')" = / ] || [[ $(get '.mounts[] | select(.point == "/").root') == */rootfs ]]
  has 'another directory than your /'
}

@test "explain --pid: a user namespace with a map of several ranges" {
  start unshare --user sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  has 'uid map +empty: inside, everybody is nobody'
  env printf '0 1000 1\n1 100000 65536\n' >"/proc/$PID/uid_map"
  explain
  is_true
  has 'uid map +0 inside is 1000 for you and 1 to 65536 inside are 100000 to 165535 for you; '
  has 'user id +0 \(not mapped inside\)'
}

@test "explain --pid: another user, without and with capabilities and groups" {
  start setpriv --reuid=1000 --regid=1001 --groups=7,8 --inh-caps=-all sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  has '^  user id +1000 in all four'
  has '^  groups +7 and 8$'
  start setpriv --reuid=1000 --clear-groups --inh-caps=+chown,+kill --ambient-caps=+chown,+kill --no-new-privs sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  has '^  effective +cap_chown, cap_kill$'
  has '^  ambient +the same$'
  start setpriv --bounding-set=-chown --no-new-privs sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  has '^  bounding +(the same|all but .*cap_chown)'
}

@test "explain --pid: a zombie, before and after it is waited for" {
  start sh -c 'sleep 0 & exec sleep 1000'
  local parent=$PID
  eventually sh -c "ps -o stat= --ppid $parent | grep -q Z"
  PID=$(pgrep -P "$parent")
  explain
  [ "$(get .zombie) $(get .exe) $(get .mounts) $(get .problems.exe)" = 'true null [] a zombie has let go of it' ] || fail
  [ "$(get .parent.pid) $(get .namespaces.mnt.inode)" = "$parent null" ] || fail
  has "^$PID \(sleep\) is a zombie: it has ended, and its parent, $parent \(sleep\), has not yet asked how"
  fits
  kill "$parent"
  wait "$parent" || true
  eventually sh -c "! test -d /proc/$PID"
  minirun explain --pid "$PID"
  says_no "^minirun: there is no process $PID\$"
}

@test "explain --pid: a thread of the kernel" {
  # tests/alone leaves the machine's own /proc here.
  if [ -n "${HOST_PROC-}" ]; then
    mount --rbind "$HOST_PROC" /proc
    proc_is_covered=yes # until teardown
  fi
  if [ "$(cat /proc/2/comm 2>/dev/null)" != kthreadd ]; then skip "the kernel's threads are in another pid namespace"; fi
  PID=2
  explain
  [ "$(get .kernel_thread) $(get .exe) $(get '.command | length')" = 'true null 0' ] || fail
  has '^2 \(kthreadd\) is a thread of the kernel'
  fits
}

@test "explain --pid: process 1" {
  PID=1
  explain
  [ "$(get .pid) $(get .parent.pid)" = '1 0' ] || fail
  has '^  parent +none that you can see$'
}

@test "explain --pid: a thread has the number of its own" {
  # Threads are listed nowhere in /proc, and can be opened there all the same.
  local tid
  start python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(1000,)).start()'
  second_thread() { tid=$(find "/proc/$PID/task" -mindepth 1 -maxdepth 1 -not -name "$PID" -printf '%f') && [ -n "$tid" ]; }
  eventually second_thread
  PID=$tid
  explain
  [ "$(get .process)" != "$PID" ] || fail
  has "^$PID .*, a thread of process [0-9]+,"
}

@test "explain --pid: without root, as far as the kernel allows" {
  public_dir=$(mktemp -d)
  chmod 755 "$public_dir"
  install -m 755 "$MINIRUN" "$public_dir/minirun"
  start sleep 1000
  local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups "$public_dir/minirun")
  MINIRUN="${nobody[*]}" # words, for once
  explain
  [ "$(get .in_container) $(get .namespaces.mnt.inode) $(get .exe)" = 'null null null' ] || fail
  [ "$(get '.problems["namespaces.mnt"]') / $(get .problems.exe)" = 'Permission denied / Permission denied' ] || fail
  [ "$(get .uid.real) $(get .comm) $(get '.mounts | length')" = "0 sleep $(wc -l <<<"$mountinfo")" ] || fail
  has 'in a container or not can.t be told'
  has 'Where it says "Permission denied", looking takes what tracing'
  fits
  # A process of its own it may look at.
  start setpriv --reuid=65534 --regid=65534 --clear-groups sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
}

@test "explain --pid: where /proc hides the processes of others" {
  public_dir=$(mktemp -d)
  chmod 755 "$public_dir"
  install -m 755 "$MINIRUN" "$public_dir/minirun"
  start sleep 1000
  local theirs=$PID
  start setpriv --reuid=65534 --regid=65534 --clear-groups sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  hidden() {
    run "$1" --separate-stderr unshare -m sh -c 'mount -t proc -o "hidepid=$1" proc /proc; shift; exec "$@"' - \
      "$2" setpriv --reuid=65534 --regid=65534 --clear-groups "$public_dir/minirun" explain --pid "$3" --json
  }
  # Its own process; the parent of that, which is root's, is not to be seen.
  hidden -0 1 "$PID"
  [ "$(jq -r '"\(.comm) \(.parent.comm)."' <<<"$output")" = 'sleep .' ] || fail
  hidden -0 2 "$PID"
  hidden -125 1 "$theirs"
  says_no "^minirun: open /proc/$theirs: Operation not permitted"
  hidden -125 2 "$theirs"
  says_no "^minirun: there is no process $theirs\$"
}

@test "explain --pid: a root that was changed with chroot" {
  new_rootfs
  start chroot "$ROOTFS" /bin/sleep 1000
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  is_true
  [ "$(get .root) $(get .same_root_as_yours) $(get .in_container)" = "$ROOTFS false false" ] || fail
  has 'mounts +none that it can see: its root is no mount point, and has none below'
}

@test "explain --pid: hostile names stay words" {
  local evil=$'e) Z 1\e[2Jx\n\\ \xff'
  mkdir "$WORK/$evil"
  cp /bin/sleep "$WORK/$evil/$evil"
  cd "$WORK/$evil"
  start "$WORK/$evil/$evil" 1000
  cd /
  eventually test "/proc/$PID/exe" -ef "$WORK/$evil/$evil"
  explain
  [ "$(get .zombie) $(get .kernel_thread) $(get .parent.pid)" = "false false $(status_of PPid)" ] || fail
  local seen='e) Z 1\x1b[2Jx\x0a\ \xff'
  [ "$(get .exe)" = "$WORK/$seen/$seen" ] || fail "$(get .exe)"
  [ "$(get .cwd)" = "$WORK/$seen" ] || fail
  [ "$(get .comm)" = 'e) Z 1\x1b[2Jx\x0a\ ' ] || [ "$(get .comm)" = "$seen" ] || fail "$(get .comm)"
  if grep -qP '[^\x20-\x7e]' <<<"$(tr -d '\n' <<<"$text$json")"; then fail "bytes that steer a terminal"; fi
}

@test "explain --pid: hostile names of mounts and cgroups" {
  local evil=$'a\e[2J\nb c\\'
  mkdir "$WORK/$evil"
  start unshare -m sh -c 'mount -t tmpfs -o size=4k "$1" "$2" && exec sleep 1000' - $'so\eurce' "$WORK/$evil"
  eventually grep -qx sleep "/proc/$PID/comm"
  explain
  # shellcheck disable=SC1003  # a backslash at the end
  [ "$(get '.mounts[-1].point')" = "$WORK/"'a\x1b[2J\x0ab c\' ] || fail "$(get '.mounts[-1].point')"
  [ "$(get '.mounts[-1].source')" = 'so\x1burce' ] || fail
  if grep -qP '[^\x20-\x7e]' <<<"$(tr -d '\n' <<<"$text$json")"; then fail "bytes that steer a terminal"; fi
}

# Makes a cgroup in the hierarchy of a controller, v1 or v2, in $group, and puts $PID in; $v is the version.
enter_group() {
  local point
  point=$(awk -v want="$1" '$(NF - 2) == "cgroup" && $NF ~ "(^|,)" want "(,|$)" { print $5 }' /proc/self/mountinfo)
  v=1
  if [ -z "$point" ]; then
    v=2
    point=$(awk '$(NF - 2) == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
    grep -qw "$1" "$point/cgroup.subtree_control" || echo "+$1" >"$point/cgroup.subtree_control" || return 1
  fi
  group=$point/minirun.explain.$$.$BATS_TEST_NUMBER
  mkdir "$group" || return 1
  echo "$PID" >"$group/cgroup.procs"
}

@test "explain --pid: limits of its cgroups" {
  start sleep 1000
  enter_group pids || skip "no cgroup with the pids controller can be made here"
  echo 321 >"$group/pids.max"
  explain
  is_true
  local path="/${group##*/}"
  [ "$(get ".cgroups[] | select(.path == \"$path\").limits[] | select(.file == \"pids.max\") | .value")" = 321 ] || fail
  [ "$(get ".cgroups[] | select(.path == \"$path\").limits[0].directory")" = "$group" ] || fail
  has "pids.max 321 \(processes and threads, at most\), in"
}

@test "explain --pid: memory, counted in the tightest group above it" {
  start sleep 1000
  enter_group memory || skip "no cgroup with the memory controller can be made here"
  local file=memory.max
  [ "$v" = 2 ] || file=memory.limit_in_bytes
  echo 67108864 >"$group/$file"
  explain
  is_true
  has "$file 67108864 \(67.1 MB\), in"
}

@test "explain --pid: a cgroup outside of your cgroup namespace is said to be" {
  start sleep 1000
  enter_group pids || skip "no cgroup with the pids controller can be made here"
  local inner=$PID
  # The caller's namespace begins at a group beside.
  start sleep 1000
  json=$(sh -c 'echo $$ >"$1/cgroup.procs"; exec unshare -C "$2" explain --pid "$3" --json' - \
    "$group" "$MINIRUN" "$PID")
  [ "$(get '[.cgroups[] | select(.problem == "outside of your cgroup namespace")] | length')" -ge 1 ] || fail
  PID=$inner
}

@test "explain --pid: what is no process is said" {
  for wrong in 0 -1 abc 1x '' 99999999999 ' 1'; do
    minirun explain --pid "$wrong"
    says_no '(not the number of a process|not empty)'
  done
  minirun explain --pid 2147483647
  says_no 'there is no process 2147483647'
}

@test "explain: a step or a process, one of them" {
  for wrong in '--json' 'pivot-root --pid 1' '--json pivot-root' '--pid 1 pivot-root'; do
    # shellcheck disable=SC2086
    minirun explain $wrong
    says_no 'usage|means nothing'
  done
}

@test "explain --pid: a full or closed standard output is an error" {
  for run in '--pid 1' '--pid 1 --json'; do
    run -125 --separate-stderr sh -c "'$MINIRUN' explain $run >/dev/full"
    [[ $stderr == *'standard output: No space left'* ]] || fail
    run -125 --separate-stderr sh -c "'$MINIRUN' explain $run >&-"
    [[ $stderr == *'standard output: Bad file descriptor'* ]] || fail
  done
}

@test "explain --pid: no process ever makes it crash" {
  local pid
  for pid in $(ps -e -o pid= | head -n 300); do
    minirun explain --json --pid "$pid"
    [ "$status" -eq 0 ] || says_no 'there is no process|ended while it was being read'
    [ "$status" -ne 0 ] || jq -e '.mounts | type == "array"' <<<"$output" >/dev/null || fail "$pid"
  done
}
