#!/usr/bin/env bats
# Lesson 13: run.sh -v mounts directories of the host and volumes, and what is written there outlives the container.

# what ../check.bash sets; and what stands in single quotes is for the image's shell
# shellcheck disable=SC2154,SC2016

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR name
  mount --make-rshared /
  umask 022
  word=$(random_word) base=$((1000 + RANDOM)) owner=$((2000 + RANDOM)).$((2000 + RANDOM))
  export STORE=$dir/store
  cc -o pivot pivot.c -lutil > "$dir/compiler" 2>&1 < /dev/null 3>&- || rm -f pivot
  mkdir -p "$dir"/1/{bin,data/dir,vol,etc} "$dir"/{mine,inner,outer/inside,empty,outside}
  # A file system of its own, so that nothing else becomes read-only.
  mount -t tmpfs -o mode=755 disk "$dir/mine"
  ln -s "$dir/outside" "$dir/1/link"
  cp /bin/busybox "$dir/1/bin/"
  for name in sh sleep cat ls touch rm; do ln -s busybox "$dir/1/bin/$name"; done
  echo "image $word" > "$dir/1/data/file"
  echo "image $word" > "$dir/1/vol/file"
  echo "image $word" > "$dir/1/data/dir/deep"
  chown "${owner/./:}" "$dir/1/data/dir/deep" "$dir/1/data"
  chmod 750 "$dir/1/data"
  echo "mine $word" > "$dir/mine/here"
  echo "inner $word" > "$dir/inner/name"
  echo "outer $word" > "$dir/outer/name"
  echo "image $word" > "$dir/1/etc/file"
  make_image "$dir/image.tar" new '{"Cmd":["sh"],"Env":["PATH=/bin"]}' "$dir/1"
  make_image "$dir/volumes.tar" new '{"Cmd":["sh"],"Env":["PATH=/bin"],"Volumes":{"/vol":{}}}' "$dir/1"
  start_student ./run.sh run -v "$dir/mine:/data" "$dir/image.tar" sh -c "echo $word > /data/made; exec sleep 2$base"
  find_process sleep "2$base"
  target=$found
  # Many at once, because each start takes time.
  timeout 10 ./run.sh run -v "$dir/inner:/data/inside" -v "$dir/outer:/data" -v "$dir/mine:/vol" -v "$dir/mine:/link/there" -v "$dir/empty:/etc" \
    "$dir/volumes.tar" sh -c 'echo "names: $(cat /data/name) $(cat /data/inside/name)"; echo "vol: $(cat /vol/here)"
      echo "link: $(cat /link/there/here)"; echo "empty: $(ls /etc)"; : > /vol/from-many' > "$dir/many" 2> "$dir/many.err" < /dev/null 3>&- 4>&- || true
  export word base owner target
}

teardown_file() {
  stop "$target" "$(cat "$BATS_FILE_TMPDIR/second" 2> /dev/null)"
  umount "$BATS_FILE_TMPDIR/mine"
}

run_sh() { student 10 ./run.sh run "$@"; }
image() { echo "$BATS_FILE_TMPDIR/image.tar"; }
mine() { echo "$BATS_FILE_TMPDIR/mine"; }
volume() { echo "$STORE/volumes/v-$word/_data"; }
runs() { [ -n "$target" ] || missing "there is no process to look at"; }
inode() { stat -c %d:%i "$1" 2> /dev/null || true; }
many() { sed -n "s/^$1: //p" "$BATS_FILE_TMPDIR/many"; }
volumes() { (cd "$STORE/volumes" 2> /dev/null && ls) || true; }

@test "predict.txt says what you expected" {
  predicted "does ls /home show what the image has there, with your empty directory mounted on it?" yes no
}

@test "-v DIR:/data: your directory is seen in the container, and it is no copy" {
  [ -n "$target" ] || bad "a process: sleep 2$base" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/errors")" \
    "try it: mkdir mine; sudo ./run.sh run -v ./mine:/data ../examples/busybox.tar.gz ls -l /data"
  same "mine $word" "$(cat "/proc/$target/root/data/here" 2>&1)" "your directory has a file here, and it is not at /data/here in the container: mount --bind DIR on the merged tree's data, before the pivot"
  same "$(inode "$(mine)")" "$(inode "/proc/$target/root/data")" "device and inode number differ, so /data is another directory with copies of your files: who writes there does not write to yours"
  same '' "$(find "$STORE" -name here -path '*diff*')" "a copy of your file lies in the store"
}

@test "what is written there stays on the host" {
  runs
  same "$word" "$(cat "$(mine)/made" 2>&1)" "the container wrote it to /data/made"
}

@test "-v DIR:/data:ro: a write fails with EROFS, and your directory stays writable" {
  runs
  run_sh -v "$(mine):/data:ro" "$(image)" touch "/data/x-$word"
  if ! touch "$(mine)/outside" 2> "$BATS_TEST_TMPDIR/said"; then
    bad "the host can write" "$(cat "$BATS_TEST_TMPDIR/said")" \
      "the whole file system became read-only, for everybody. remount,ro changes that; remount,bind,ro changes one mount of it"
  fi
  [ ! -e "$(mine)/x-$word" ] || bad "no file x-$word" "$(ls "$(mine)")" "the container made a file through a mount that was to be read-only: mount -o ro"
  [[ $errors == *'Read-only file system'* ]] || bad "Read-only file system" "$errors" "EROFS is what the kernel says to everyone, root too, on a mount with the flag ro"
}

@test "-v NAME:/data: a volume in the store, which the next container finds again" {
  run_sh -v "v-$word:/data" "$(image)" sh -c "echo kept $word > /data/kept"
  [ -d "$(volume)" ] || bad "a directory volumes/v-$word/_data in the store" "$(ls "$STORE") ${errors}" "a source without a slash at its beginning is a volume: \$STORE/volumes/NAME/_data, made if it is missing"
  same "kept $word" "$(cat "$(volume)/kept" 2>&1)" "the container wrote it to /data/kept"
  # What the first start has made of the empty volume, for the next test.
  cp -a "$(volume)" "$BATS_FILE_TMPDIR/first"
  run_sh -v "v-$word:/out" "$(image)" sh -c "cat /out/kept; rm -f /out/file; echo mine > /out/dir/deep"
  same "kept $word" "$output" "a second container has the volume of the same name, at another place"
}

@test "an empty volume is filled with what the image has there, once" {
  [ -d "$(volume)" ] || missing "there is no volume"
  same "image $word" "$(cat "$BATS_FILE_TMPDIR/first/file" 2>&1)" "the image has data/file. The empty volume covers it, unless somebody copies it first: before the mount, and from the merged tree"
  same "image $word" "$(cat "$BATS_FILE_TMPDIR/first/dir/deep" 2>&1)" "all that is below data in the image"
  same "$owner 750" "$(stat -c '%u.%g' "$BATS_FILE_TMPDIR/first/dir/deep") $(stat -c %a "$BATS_FILE_TMPDIR/first")" "owner and mode are the image's, those of the directory itself too: cp -a data/. does that"
  run_sh -v "v-$word:/data" "$(image)" sh -c 'cat /data/file /data/dir/deep'
  [[ $output != *image* ]] || bad "mine" "$output" "a container deleted file and changed dir/deep, and the next start brought the image's back. A volume that is not empty is somebody's data: leave it alone"
}

@test "a directory of yours is never filled" {
  runs
  [ -n "$(many names)" ] || missing "that container said nothing. $(head -n 3 "$BATS_FILE_TMPDIR/many.err")"
  same '' "$(many empty)$(ls "$BATS_FILE_TMPDIR/empty")" "only volumes are filled. A directory of yours shows what is in it, nothing"
}

@test "the config's Volumes: a volume without a name, gone with its container" {
  runs
  local before
  before=$(volumes)
  start_student ./run.sh run "$BATS_FILE_TMPDIR/volumes.tar" sleep "3$base"
  find_process sleep "3$base"
  echo "$found" > "$BATS_FILE_TMPDIR/second"
  [ -n "$found" ] || bad "a process: sleep 3$base" "none. It said: $(head -n 3 "$BATS_FILE_TMPDIR/errors")" "the image's config has Volumes: {\"/vol\": {}}"
  grep -q ' /vol ' "/proc/$found/mountinfo" || bad "a mount on /vol" "none" "the image's config has Volumes: {\"/vol\": {}}. Each key gets a volume, with a name by chance: jq -r '.config.Volumes // {} | keys[]'"
  same "image $word" "$(cat "/proc/$found/root/vol/file" 2>&1)" "it is an empty volume, so it is filled as others are"
  kill -KILL "$found"
  for _ in $(seq 30); do [ "$(volumes)" != "$before" ] || break; sleep 0.1; done
  same "$before" "$(volumes)" "a volume that nobody has named is left, and nobody will find it again: remove it with the container's directory"
  [ -e "$(mine)/from-many" ] || bad "a mount of yours on /vol, where it writes a file" "$(many vol), and no file in your directory" "-v puts a directory on /vol, and the image's Volumes must not cover it"
}

@test "no link of the image's leads out" {
  runs
  same '' "$(ls "$BATS_FILE_TMPDIR/outside")" \
    "the image has a link /link to $BATS_FILE_TMPDIR/outside, and you followed it to the host's directory of that name. For the container it begins at its own root: resolve"
  same "mine $word" "$(many link)" "for the container the link leads to a directory of its own, and there your directory is to be seen"
}

@test "the outer one first: -v B:/data/inside -v A:/data" {
  runs
  same "outer $word inner $word" "$(many names)" "the mount on /data covers the one on /data/inside, if that was there before: sort them by how deep they are"
}

@test "hello-world runs" {
  hello=$LAB_LESSON/../../examples/hello-world.tar.gz
  [ -e "$hello" ] || missing "there is no examples/hello-world.tar.gz" "make it: make examples"
  student 10 ./run.sh run "$hello"
  same "Hello from a container!" "${output%%$'\n'*}$errors" "try it: sudo ./run.sh run ../examples/hello-world.tar.gz"
}
