#!/usr/bin/env bats
# Lesson 8: run.sh store lays the layers side by side as overlay2 does, and run.sh run mounts them as one tree.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 022
  word=$(random_word) seconds=$((1000 + RANDOM)).$RANDOM
  export STORE=$dir/store
  mkdir -p "$dir"/{1/{bin,tmp,data/{dir,old-dir}},2/data/dir,3/data,4/data}
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep cat find echo; do ln -s busybox "$dir/1/bin/$name"; done
  for name in kept changed gone 'gone too' dir/a dir/b old-dir/c; do echo "1 $word" > "$dir/1/data/$name"; done
  chmod 4755 "$dir/1/data/kept"
  chown 1234:4321 "$dir/1/data/changed"
  echo "2 $word" > "$dir/2/data/changed"
  touch "$dir/2/data/.wh.gone" "$dir/2/data/.wh.gone too" "$dir/2/data/.wh.old-dir" "$dir/2/data/dir/.wh..wh..opq"
  echo "2 $word" > "$dir/2/data/dir/d"
  echo "3 $word" > "$dir/3/data/changed"
  echo "4 $word" > "$dir/4/data/other"
  make_image "$dir/image.tar" new '{"Cmd":["/bin/sh"]}' "$dir"/[123]
  make_image "$dir/other.tar" new '{"Cmd":["/bin/sh"]}' "$dir/1" "$dir/2" "$dir/4" "$dir/3"
  run_store "$dir/image.tar" > "$dir/said" 2>&1
  find_layers
  export word seconds
}

run_store() { timeout 10 ./run.sh store "$1" < /dev/null 3>&-; }

# Sets layer_1 to layer_3: the directories in the store that have what these layers brought.
find_layers() {
  local dir
  layer_1='' layer_2='' layer_3=''
  for dir in "$STORE"/overlay2/*/; do
    dir=${dir%/}
    [ ! -e "$dir/diff/bin/busybox" ] || layer_1=$dir
    [ ! -e "$dir/diff/data/dir/d" ] || layer_2=$dir
    case $(cat "$dir/diff/data/changed" 2> /dev/null) in 3*) layer_3=$dir ;; esac
  done
  export layer_1 layer_2 layer_3
}

teardown_file() { stop "$(cat "$BATS_FILE_TMPDIR/target" 2> /dev/null)"; }

image() { echo "$BATS_FILE_TMPDIR/$1.tar"; }
stored() {
  [ "${layer_1:+1}${layer_2:+2}${layer_3:+3}" = 123 ] ||
    missing "there are no three layers in the store's overlay2" "try it, and look: sudo ./run.sh store ../examples/whiteouts.tar.gz; find store -maxdepth 3"
}
linked() {
  local layer
  stored
  for layer in "$layer_1" "$layer_2" "$layer_3"; do [ -e "$layer/link" ] || missing "there is no ${layer#"$STORE/"}/link"; done
}
link_of() { cat "$1/link"; }
directories() { (cd "$STORE/overlay2" 2> /dev/null && find . -mindepth 1 -maxdepth 1 -type d -not -name l | sort) || true; }
contents() { (cd "$STORE/overlay2" 2> /dev/null && find . -path '*/diff/*' -printf '%p %s %M\n' | sort) || true; }
table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }

# A container that has written something and still runs. Sets target.
running() {
  if [ ! -e "$BATS_FILE_TMPDIR/target" ]; then
    table > "$BATS_FILE_TMPDIR/before"
    contents > "$BATS_FILE_TMPDIR/layers"
    start_student ./run.sh run "$(image image)" /bin/sh -c \
      "echo $word > /made; echo $word > /data/changed; : > /data/kept; exec /bin/sleep $seconds"
    find_process /bin/sleep "$seconds"
    echo "$found" > "$BATS_FILE_TMPDIR/target"
    table > "$BATS_FILE_TMPDIR/while"
  fi
  target=$(cat "$BATS_FILE_TMPDIR/target")
  [ -n "$target" ] || bad "a process: /bin/sleep $seconds" "none. It said: $(cat "$BATS_FILE_TMPDIR/errors")" \
    "try it: sudo ./run.sh run ../examples/busybox.tar.gz sleep 60. If mount fails, the kernel has said why: sudo dmesg | tail"
}

@test "predict.txt says what you expected" {
  predicted "how much is written to the disk for five bytes?" five all
}

@test "run.sh store IMAGE: a directory for each layer, with that layer's files in diff" {
  [ -n "$(directories)" ] || missing "there is nothing in the store's overlay2. It said: $(head -n 1 "$BATS_FILE_TMPDIR/said")" \
    "the store is the directory that the variable STORE names. Try it: sudo STORE=/tmp/s ./run.sh store ../examples/whiteouts.tar.gz"
  same 3 "$(directories | wc -l)" "the image has three layers, and no layer is laid over another here: a directory for each in overlay2, beside l"
  stored
  same "changed" "$(ls "$layer_3/diff/data")" "layer 3 brought data/changed alone: its diff has nothing of the layers below"
  # The owner and mode of the lowest layer's files, as the image has them.
  same "4755 1234:4321" "$(stat -c %a "$layer_1/diff/data/kept") $(stat -c %u:%g "$layer_1/diff/data/changed")" "tar -x -p --numeric-owner keeps modes and owners"
}

@test "a whiteout is a device 0:0, and an opaque directory has its mark" {
  stored
  local name
  for name in gone 'gone too' old-dir; do
    same "character special file 0:0" "$(stat -c '%F %t:%T' "$layer_2/diff/data/$name" 2>&1)" \
      "layer 2 has data/.wh.$name. Overlay knows no such names: what stands for a deleted file there is made with mknod(1)"
  done
  same '' "$(cd "$layer_2/diff" && find . -name '.wh.*')" "overlay does not know .wh. names, a container would see them as files: leave them out"
  same y "$(getfattr --absolute-names --only-values -n trusted.overlay.opaque "$layer_2/diff/data/dir" 2>&1)" \
    "layer 2 has data/dir/.wh..wh..opq, so data/dir needs the attribute trusted.overlay.opaque with the value y: setfattr(1)"
}

@test "each layer has a short name: link says it, and l/NAME leads to diff" {
  stored
  local layer name
  for layer in "$layer_1" "$layer_2" "$layer_3"; do
    [ -e "$layer/link" ] || missing "there is no ${layer#"$STORE/"}/link" "write the layer's short name into the file link, and make the link l/NAME"
    name=$(link_of "$layer")
    [[ $name =~ ^[A-Z0-9]{20,26}$ ]] || bad "26 letters and digits" "$name" "a short name is some 26 capital letters and digits by chance: tr -dc A-Z2-7 < /dev/urandom | head -c 26"
    same "../${layer##*/}/diff" "$(readlink "$STORE/overlay2/l/$name")" \
      "the link l/$name has to lead from l to the layer's diff, by a relative path, so that the store can be moved"
  done
}

@test "lower lists the layers below, the highest first" {
  linked
  [ ! -e "$layer_1/lower" ] || bad "no file lower for layer 1" "$(cat "$layer_1/lower")" "nothing lies below the lowest layer"
  same "l/$(link_of "$layer_1")" "$(cat "$layer_2/lower" 2>&1)" "below layer 2 lies layer 1: l/ and its short name"
  same "l/$(link_of "$layer_2"):l/$(link_of "$layer_1")" "$(cat "$layer_3/lower" 2>&1)" \
    "the layers below, joined by colons. Overlay looks into the first one first, so which has to stand there?"
}

@test "a layer is stored once, for all images that have it" {
  stored
  before=$(stat -c '%i' "$layer_1/diff/bin/busybox")
  run_store "$(image image)" > "$BATS_TEST_TMPDIR/said" 2>&1 || true
  same 3 "$(directories | wc -l)" "the same image was stored again, and now lies there twice: a name that is made of the diff ids is the same each time"
  same "$before" "$(stat -c '%i' "$layer_1/diff/bin/busybox" 2>&1)" "the layer was unpacked again, under the feet of those that use it: leave alone what is there"
  run_store "$(image other)" > "$BATS_TEST_TMPDIR/said" 2>&1 || true
  same 5 "$(directories | wc -l)" \
    "another image has the same layers 1 and 2, then one of its own, and on it the old layer 3. That one lies on others now, so its lower is another: 3 + 2 directories"
}

@test "run.sh run: the root is an overlay, in a mount namespace of its own" {
  running
  [ "$(namespace mnt "$target")" != "$(namespace mnt)" ] || bad "another number than the host's" "$(namespace mnt "$target")" "lesson 7: unshare --mount"
  root=$(awk '$5 == "/" { for (i = 7; $i != "-"; i++); print $(i + 1) }' "/proc/$target/mountinfo" | tail -n 1)
  same overlay "${root:-no mount}" "/proc/$target/mountinfo shows what is mounted at its root: ${root:-nothing}. Mount the layers: mount -t overlay"
  same '' "$(comm -13 <(sort "$BATS_FILE_TMPDIR/before") <(sort "$BATS_FILE_TMPDIR/while"))" "the host has the mount too: lesson 7, --propagation private"
}

@test "what the container writes goes to its own diff, and no layer changes" {
  running
  where=$(cd "$STORE/overlay2" && find . -name made -path '*/diff/made')
  now=$(contents)
  same '' "$(comm -23 "$BATS_FILE_TMPDIR/layers" <(echo "$now"))" \
    "these files of the layers were changed. A layer belongs to all containers: upperdir is a new, empty directory for each, and all the layers are in lowerdir"
  [ -n "$where" ] || bad "a file overlay2/ID/diff/made" "there is none" "the container has written /made: upperdir has to be overlay2/ID/diff, where ID is the container's"
  box=$STORE/overlay2/$(cut -d / -f 2 <<< "$where")
  same 'diff lower merged work' "$(cd "$box" && find . -mindepth 1 -maxdepth 1 -name '[dlmw]*' -not -name link -printf '%P\n' | sort | tr '\n' ' ' | sed 's/ $//')" \
    "a container's directory has diff, work and merged, and lower, which says what lies below it"
  same "l/$(link_of "$layer_3"):l/$(link_of "$layer_2"):l/$(link_of "$layer_1")" "$(cat "$box/lower")" "below a container lie all layers, the highest first"
}

@test "the container sees what the layers make together" {
  student 10 ./run.sh run "$(image image)" /bin/sh -c 'cd /data; find . -type f | while read -r f; do echo "$f $(cat "$f")"; done
    [ ! -e /made ] || echo "/made is there"'
  hint="in what order does lowerdir list the layers? The first one is the highest"
  [ -n "$output" ] || hint="nothing was printed. It said: $errors"
  case $output in
    *gone*) hint="layer 2 has deleted data/gone and data/gone too, with whiteouts" ;;
    *dir/a*) hint="data/dir is opaque in layer 2" ;;
    *"changed $word"* | *made*) hint="that is what another container of the image has written, and each has to begin with what the image has: a new upperdir for each" ;;
  esac
  same "$(printf '%s\n' "./changed 3 $word" "./dir/d 2 $word" "./kept 1 $word")" "$(sort <<< "$output")$errors" "$hint"
}

@test "after the end its directory is gone, the layers are there, the status is the command's" {
  number=$((2 + RANDOM % 100)) before=$(directories) layers=$(contents | sed /made/d)
  student 10 ./run.sh run "$(image image)" /bin/sh -c "echo x > /x; exit $number"
  same "$number" "$status" "the status of unshare(1) is that of the program which it ran: keep it, clean up, return it. It said: ${errors:-nothing}"
  same "$before" "$(directories)" "the container's directory in overlay2 is still there: remove it when the command has ended"
  same "$layers" "$(contents | sed /made/d)" "the layers are not as they were before"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
