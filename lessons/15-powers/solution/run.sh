#!/usr/bin/env bash
# A container runner in shell. It grows with the lessons, until it runs an image by itself.
#
#   run.sh layers IMAGE         the paths of the layers inside the archive, one a line, the lowest layer first
#   run.sh words IMAGE          the words of the command that the image says to run, one a line
#   run.sh owner IMAGE PATH     the number of the layer whose PATH a container sees; 1 is the lowest
#                               status 1 and nothing printed, if no layer has it
#   run.sh verify IMAGE         a line for the config and for each layer, "config ok", "layer 2 BAD diff id"; status 1 if
#                               anything is BAD
#   run.sh unpack IMAGE DIR     the tree that a container of the image sees, below DIR
#   run.sh store IMAGE          lays each layer of the image into a directory of its own in the store, once, as overlay2 does
#   run.sh run [OPTION...] IMAGE [COMMAND [ARG...]]
#                               runs the image's command, or COMMAND in place of its Cmd, on an overlay of the layers in the
#                               store; the status is the command's. What it wrote is removed, and the layers stay.
#                               With INIT=1 process 1 is an init, and the command is its child. With TTY=1 the command has a
#                               terminal of the container's own
#       -e K=V, -e K            a variable; K alone: the caller's value of K, or none at all
#       -u USER[:GROUP]         names or numbers, as the image's etc/passwd and etc/group know them
#       -w DIR                  the directory to begin in
#       -v SOURCE:TARGET[:ro]   a directory or file of yours (/x, ./x), or the volume of that name, is seen at TARGET
#       -m SIZE                 so much memory at most, all its processes together: 32m
#       --pids-limit N          so many processes at most
#       --cpus N                so much of the processors' time: 0.5 is half of one
#       --entrypoint PROGRAM    in place of Entrypoint; "" is for none. Cmd is dropped
#
# The store is the directory store/, or what the variable STORE says.
set -eu
STORE=$(realpath -m "${STORE:-store}")
export STORE
here=$(dirname "$(realpath "$0")")

# Prints a file of the archive.
document() { tar -xOf "$image" "$1"; }

# Only manifest.json knows the order. The archive's own order means nothing.
layers() { document manifest.json | jq -r '.[0].Layers[]'; }

config_path() { document manifest.json | jq -r '.[0].Config'; }
config() { document "$(config_path)"; }

# Prints what jq makes of the part of the config that says how to run it. contain has read the config into the variable.
setting() { jq -r ".config | $1" <<< "$config"; }

words() { config | jq -r '.config | (.Entrypoint // []) + (.Cmd // []) | .[]'; }

# Standard input without its compression, if it has one.
plain() { gzip -dcf; }

# The names of a layer of the archive, written as in PATH: bin/sh, not ./bin/sh or bin/.
names() { document "$1" | plain | tar -t | sed 's#^\./##; s#/$##'; }

owner() {
  local path=${1#/} number=0 found=0 layer
  for layer in $(layers); do
    number=$((number + 1))
    # A higher layer's file lies over those below. (grep without -q: it reads all, so tar can finish.)
    if names "$layer" | grep -xF -- "$path" > /dev/null; then found=$number; fi
  done
  [ "$found" != 0 ] || return 1
  echo "$found"
}

sha256() { sha256sum | cut -d ' ' -f 1; }

verify() {
  local path said diff_ids number=0 status=0 layer name
  path=$(config_path)
  name=$(basename "$path" .json) # 4242... of blobs/sha256/4242... or of 4242....json
  said='config ok'
  [ "$(config | sha256)" = "$name" ] || said='config BAD' status=1
  echo "$said"
  mapfile -t diff_ids < <(config | jq -r '.rootfs.diff_ids[]')
  for layer in $(layers); do
    number=$((number + 1)) said=ok
    # The diff id is the digest of the tar, however that was packed, and stands in the config at the layer's place.
    [ "sha256:$(document "$layer" | plain 2> /dev/null | sha256)" = "${diff_ids[number - 1]-}" ] || said='BAD diff id'
    # A blob's name is the digest of the bytes as they lie in the archive.
    case $layer in
      blobs/sha256/*) [ "$(document "$layer" | sha256)" = "${layer##*/}" ] || said='BAD name' ;;
    esac
    [ "$said" = ok ] || status=1
    echo "layer $number $said"
  done
  # A layer that is left out would be missed by nobody else.
  [ "$number" = "${#diff_ids[@]}" ] || { echo "layers BAD: $number of ${#diff_ids[@]}" && status=1; }
  return $status
}

# A layer may have put a symbolic link where a higher one has a directory. What is below DIR must not lead out of it.
inside() {
  case $(realpath -m -- "$2")/ in
    "$1"/*) ;;
    *) echo "run.sh: $2 leads out of $1" >&2 && exit 125 ;;
  esac
}

unpack() {
  local root layer name dir base
  mkdir -p "$1"
  root=$(realpath "$1")
  for layer in $(layers); do
    # First what this layer takes away from those below, then what it brings.
    while read -r name; do
      dir=$(dirname "$root/$name") base=${name##*/}
      inside "$root" "$dir"
      case $base in
        .wh..wh..opq) [ ! -d "$dir" ] || find "$dir" -mindepth 1 -delete ;;
        .wh.*) rm -rf -- "${dir:?}/${base#.wh.}" ;;
        '') ;; # it ended with a slash: a directory, which is laid over the lower one
        *) [ ! -d "$dir/$base" ] || [ -L "$dir/$base" ] || rm -rf -- "${dir:?}/$base" ;; # a file takes a directory's place
      esac
    done < <(document "$layer" | plain | tar -t)
    # tar unlinks what has the name and makes a new file, so that a hard link keeps the old one.
    document "$layer" | plain | tar -x -p --numeric-owner --exclude='.wh.*' -C "$root"
  done
}

# Unpacks one layer into a directory of its own, DIR. What it deletes of the layers below becomes what overlay knows.
unpack_layer() {
  local root name dir base
  root=$(realpath "$2")
  document "$1" | plain | tar -x -p --numeric-owner --exclude='.wh.*' -C "$root"
  while read -r name; do
    dir=$(dirname "$root/$name") base=${name##*/}
    inside "$root" "$dir"
    mkdir -p "$dir"
    case $base in
      .wh..wh..opq) setfattr -n trusted.overlay.opaque -v y "$dir" ;;
      *) [ -e "$dir/${base#.wh.}" ] || mknod "$dir/${base#.wh.}" c 0 0 ;;
    esac
  done < <(document "$1" | plain | tar -t | grep -E '(^|/)\.wh\.')
}

# Sets lower to the image's layers in the form of a mount option, the highest first.
store() {
  local layer diff_ids number=0 id='' dir name
  mkdir -p "$STORE/overlay2/l"
  mapfile -t diff_ids < <(config | jq -r '.rootfs.diff_ids[]')
  lower=''
  for layer in $(layers); do
    # The name says what is in there: this layer, and those below it. So images that begin alike share their layers.
    id=$(echo "$id ${diff_ids[number]}" | sha256)
    number=$((number + 1))
    dir=$STORE/overlay2/$id
    if [ ! -e "$dir/link" ]; then
      rm -rf -- "$dir" # a store that was ended half way
      mkdir -p "$dir/diff"
      unpack_layer "$layer" "$dir/diff"
      [ -z "$lower" ] || echo "$lower" > "$dir/lower"
      # Short, because all the options of a mount have to fit into one page of memory.
      name=$(tr -dc A-Z2-7 < /dev/urandom | head -c 26)
      ln -s "../$id/diff" "$STORE/overlay2/l/$name"
      echo "$name" > "$dir/link"
    fi
    lower=l/$(cat "$dir/link")${lower:+:$lower}
  done
}

# Files about the whole machine: nothing to read in some, nothing to write in others. A mask is a mount on top.
cover_proc() {
  local name
  for name in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats; do
    if [ -d "$1/$name" ]; then
      mount -t tmpfs -o ro,nosuid,nodev,noexec mask "$1/$name"
    elif [ -e "$1/$name" ]; then
      mount --bind /dev/null "$1/$name"
    fi
  done
  for name in bus fs irq sys sysrq-trigger; do
    [ ! -e "$1/$name" ] || mount --bind -o ro "$1/$name" "$1/$name"
  done
}

# A /dev with what every program expects, and nothing of the host's: no disk, and nobody's terminal.
make_dev() {
  local name numbers
  mkdir -p "$1"
  mount -t tmpfs -o nosuid,noexec,mode=755 dev "$1"
  while read -r name numbers; do
    # shellcheck disable=SC2086  # two numbers
    mknod -m 666 "$1/$name" c $numbers # -m, or the umask takes bits away
  done << END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
  mkdir "$1/pts" "$1/shm"
  mount -t devpts -o nosuid,noexec,mode=620,ptmxmode=666,gid=5 devpts "$1/pts"
  mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 shm "$1/shm"
  ln -s pts/ptmx "$1/ptmx"
  ln -s /proc/self/fd "$1/fd"
  ln -s /proc/self/fd/0 "$1/stdin"
  ln -s /proc/self/fd/1 "$1/stdout"
  ln -s /proc/self/fd/2 "$1/stderr"
}

# Sets argv to what is to run. A new Entrypoint takes Cmd away, because Cmd may be words for the old one.
find_words() {
  argv=()
  if [ -z "${entrypoint+set}" ]; then
    mapfile -t argv < <(setting '.Entrypoint // [] | .[]')
  elif [ -n "$entrypoint" ]; then
    argv=("$entrypoint")
  fi
  if [ $# -gt 0 ]; then
    argv+=("$@")
  elif [ -z "${entrypoint+set}" ]; then
    mapfile -t -O "${#argv[@]}" argv < <(setting '.Cmd // [] | .[]')
  fi
}

# Sets environment to words K=V. What is set later wins.
find_environment() {
  local word
  declare -A value
  value[PATH]=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  value[HOSTNAME]=$id
  value[HOME]=$home
  [ -z "${TTY-}" ] || value[TERM]=${TERM-xterm}
  while IFS= read -r word; do value[${word%%=*}]=${word#*=}; done < <(setting '.Env // [] | .[]')
  for word in "${variables[@]}"; do
    case $word in
      *=*) value[${word%%=*}]=${word#*=} ;;
      *) if printenv "$word" > /dev/null; then value[$word]=$(printenv "$word"); else unset "value[$word]"; fi ;;
    esac
  done
  environment=()
  for word in "${!value[@]}"; do environment+=("$word=${value[$word]}"); done
}

# entry FILE NAME: the first line about NAME, which may be a number, in the image's etc/FILE.
entry() {
  inside "$root" "$root/etc/$1"
  [ -f "$root/etc/$1" ] || return 0
  awk -F : -v name="$2" '(name ~ /^[0-9]+$/ ? $3 : $1) "" == name "" { print; exit }' "$root/etc/$1"
}

# Sets uid, gid, groups and home for USER[:GROUP]. Names are the image's, because the host's passwd knows other people.
find_user() {
  local name=${1%%:*} group='' line
  [[ $1 != *:* ]] || group=${1#*:}
  line=$(entry passwd "${name:-0}")
  if [ -n "$line" ]; then
    IFS=: read -r name _ uid gid _ home _ <<< "$line"
  elif [[ ${name:-0} =~ ^[0-9]+$ ]]; then
    uid=${name:-0} gid=0 home=/ name=''
  else
    echo "run.sh: the image has no user $name" >&2 && exit 125
  fi
  if [ -n "$group" ]; then
    line=$(entry group "$group")
    [ -z "$line" ] || group=$(cut -d : -f 3 <<< "$line")
    [[ $group =~ ^[0-9]+$ ]] || { echo "run.sh: the image has no group $group" >&2 && exit 125; }
    gid=$group groups=$group
  else
    groups=$gid # and those that list the user by name
    inside "$root" "$root/etc/group"
    [ ! -f "$root/etc/group" ] || groups+=$(awk -F : -v name="$name" \
      'name != "" && index("," $4 ",", "," name ",") { printf ",%s", $3 }' "$root/etc/group")
  fi
}

# Where PATH of the container is, for us outside. A link in the image that begins with / begins at the container's root.
resolve() {
  local rest=$1/ at='' part links=0
  while [ -n "$rest" ]; do
    part=${rest%%/*} rest=${rest#*/}
    case $part in
      '' | .) ;;
      ..) at=${at%/*} ;;
      *)
        if [ -L "$root$at/$part" ]; then
          links=$((links + 1))
          [ "$links" -le 40 ] || { echo "run.sh: $1 is a loop of links" >&2 && exit 125; }
          part=$(readlink "$root$at/$part")
          rest=$part/$rest
          [[ $part != /* ]] || at=''
        else
          at=$at/$part
        fi
        ;;
    esac
  done
  echo "$root$at"
}

# mount_volume SOURCE:TARGET[:ro]
mount_volume() {
  local source target mode at
  IFS=: read -r source target mode <<< "$1"
  at=$(resolve "$target")
  if [[ $source != /* ]]; then
    source=$STORE/volumes/$source/_data
    mkdir -p "$source"
    # An empty volume would hide what the image has there. So it gets a copy, once, before the mount covers it.
    if [ -d "$at" ] && [ -z "$(ls -A "$source")" ]; then cp -a "$at/." "$source"; fi
  fi
  [ -e "$source" ] || mkdir -p "$source"
  if [ -d "$source" ]; then
    mkdir -p "$at"
  else
    mkdir -p "${at%/*}"
    [ -e "$at" ] || : > "$at"
  fi
  # nodev: a device file in there opens no device.
  mount --bind -o "nodev${mode:+,$mode}" "$source" "$at"
}

# hierarchy CONTROLLER: the directory where groups for this controller are made. cgroup v2 has one tree for all controllers,
# and lists them in a file at its top. v1 has a tree for each.
hierarchy() {
  if grep -qsw "$1" /sys/fs/cgroup/cgroup.controllers; then echo /sys/fs/cgroup; else echo "/sys/fs/cgroup/$1"; fi
}

# limit CONTROLLER: makes the container's group for it.
limit() {
  local top
  top=$(hierarchy "$1") group=$(hierarchy "$1")/run-$id
  [ ! -e "$top/cgroup.controllers" ] || echo "+$1" > "$top/cgroup.subtree_control" # v2: groups below get its files
  mkdir -p "$group"
}

make_groups() {
  local group file quota
  if [ -n "$memory" ]; then
    limit memory
    for file in memory.max memory.limit_in_bytes; do [ ! -e "$group/$file" ] || echo "$memory" > "$group/$file"; done
    # And nothing more in swap: v2 limits it by itself, v1 limits the sum.
    [ ! -e "$group/memory.swap.max" ] || echo 0 > "$group/memory.swap.max"
    [ ! -e "$group/memory.memsw.limit_in_bytes" ] || echo "$memory" > "$group/memory.memsw.limit_in_bytes"
  fi
  if [ -n "$pids" ]; then
    limit pids
    echo "$pids" > "$group/pids.max"
  fi
  if [ -n "$cpus" ]; then
    limit cpu
    quota=$(awk -v cpus="$cpus" 'BEGIN { print int(cpus * 100000) }') # microseconds of each 100 milliseconds
    if [ -e "$group/cpu.max" ]; then
      echo "$quota 100000" > "$group/cpu.max"
    else
      echo 100000 > "$group/cpu.cfs_period_us"
      echo "$quota" > "$group/cpu.cfs_quota_us"
    fi
  fi
}

# Says how many processes the kernel has killed for want of memory.
tell_kills() {
  local group kills
  group=$(hierarchy memory)/run-$id
  kills=$(cat "$group/memory.events" "$group/memory.oom_control" 2> /dev/null | awk '$1 == "oom_kill" { print $2 }')
  [ "${kills:-0}" = 0 ] || echo "run.sh: out of memory: the kernel killed $kills" >&2
}

# A group is busy until the kernel has let go of the last one that died in it.
remove_groups() {
  local controller group
  for controller in memory pids cpu; do
    group=$(hierarchy "$controller")/run-$id
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      [ -d "$group" ] || break
      rmdir "$group" 2> /dev/null || sleep 0.1
    done
  done
}

# The script calls itself once more in a mount namespace of its own, because a function can't run in one.
run() {
  local target asked name status=0
  [ "$here/pivot" -nt "$here/pivot.c" ] || cc -o "$here/pivot" "$here/pivot.c" -lutil
  store
  id=$(od -An -N6 -tx1 /dev/urandom | tr -d ' ')
  box=$STORE/overlay2/$id
  mkdir "$box"
  # Each of the image's Volumes gets a volume without a name, unless -v puts something there.
  anonymous=()
  while IFS= read -r target; do
    for asked in "${mounts[@]}"; do
      [ "$(cut -d : -f 2 <<< "$asked")" != "$target" ] || continue 2
    done
    name=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    options+=(-v "$name:$target")
    anonymous+=("$STORE/volumes/$name")
  done < <(config | jq -r '.config.Volumes // {} | keys[]')
  # What the container wrote is discarded, and so is what nobody has a name for.
  trap 'remove_groups; rm -rf --one-file-system "${box:?}" "${anonymous[@]}"' EXIT
  make_groups
  mkdir "$box/work" "$box/merged"
  mkdir -m 755 "$box/diff" # it decides the mode of / inside
  echo "$lower" > "$box/lower"
  # private: what is mounted in there is not told to the host. unshare(1) would do so by itself, the system call would not.
  # fork: only a child is born into the new pid namespace. It is process 1 there.
  unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --net \
    "$0" contain "${options[@]}" "$image" "$id" "$@" || status=$?
  tell_kills
  return "$status"
}

# In the new mount namespace.
contain() {
  local id=$1 config root asked argv environment uid gid groups home controller group procs=()
  shift
  config=$(config)
  find_words "$@"
  cd "$STORE/overlay2" # the names in lower begin here
  mount -t overlay overlay -o "lowerdir=$(cat "$id/lower"),upperdir=$id/diff,workdir=$id/work" "$id/merged"
  # It shows the pid namespace of who mounts it, and that is the new one.
  mkdir -p "$id/merged/proc"
  mount -t proc -o nosuid,nodev,noexec proc "$id/merged/proc"
  cover_proc "$id/merged/proc"
  make_dev "$id/merged/dev"
  hostname "$id"
  root=$PWD/$id/merged
  # /data before /data/inner, or it would cover that.
  while IFS= read -r asked; do
    [ -z "$asked" ] || mount_volume "$asked"
  done < <(printf '%s\n' "${mounts[@]}" | awk -F : '{ text = $0; print gsub("/", "", $2), text }' | sort -n | cut -d ' ' -f 2-)
  find_user "${user:-$(setting '.User // ""')}"
  find_environment
  # -i: not one variable of the caller's goes in.
  [ -n "$workdir" ] || workdir=$(setting '.WorkingDir // ""')
  # 0 is who writes. What is started after that begins in the group. It is done last: the script itself needs processes.
  for controller in memory pids cpu; do
    group=$(hierarchy "$controller")/run-$id
    [ ! -d "$group" ] || procs+=("$group/cgroup.procs")
  done
  for group in "${procs[@]}"; do echo 0 > "$group"; done
  # Its group is the top that it sees. unshare without --fork starts no process either.
  exec unshare --cgroup env -i "${environment[@]}" "$here/pivot" ${INIT:+--init} ${TTY:+--tty} --workdir "${workdir:-/}" \
    --user "$uid:$gid:$groups" "$id/merged" "${argv[@]}"
}

action=$1
shift
options=() variables=() mounts=() user='' workdir='' memory='' pids='' cpus=''
unset entrypoint # so that "" is something else than no --entrypoint at all
while [[ ${1-} == -* ]]; do
  case $1 in
    -e) variables+=("$2") ;;
    -u) user=$2 ;;
    -w) workdir=$2 ;;
    -m) memory=$2 ;;
    --pids-limit) pids=$2 ;;
    --cpus) cpus=$2 ;;
    -v)
      # A directory of yours has a slash or a dot at its beginning, and gets its whole path.
      [[ $2 != [./]* ]] || set -- -v "$(realpath -m -- "${2%%:*}"):${2#*:}" "${@:3}"
      mounts+=("$2")
      ;;
    --entrypoint) entrypoint=$2 ;;
    *) echo "run.sh: I don't know the option $1" >&2 && exit 125 ;;
  esac
  options+=("$1" "$2") # once more for contain
  shift 2
done
image=$(realpath -- "$1")
shift
case $action in
  layers | words | owner | verify | unpack | store | run | contain) "$action" "$@" ;;
  *) echo "run.sh: I don't know: $action" >&2 && exit 125 ;;
esac
