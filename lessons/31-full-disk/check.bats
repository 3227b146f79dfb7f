#!/usr/bin/env bats
# Lesson 31: full.sh fills a disk in the middle of a load.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR
  word=$(random_word)
  mkdir -p "$dir/1" "$dir/disk"
  head -c 3000000 /dev/urandom > "$dir/1/first-$word"
  head -c 3000000 /dev/urandom > "$dir/1/second-$word"
  make_image "$dir/image.tar" new '{"Cmd":["/none"]}' "$dir/1"
  export word
  status=0
  timeout 20 ./full.sh "$dir/disk" "$dir/image.tar" < /dev/null > "$dir/said" 2> "$dir/errors" 3>&- 4>&- || status=$?
}
teardown_file() { umount -l "$BATS_FILE_TMPDIR/disk" 2> /dev/null || true; }

said() { sed -n "s/^$1: //p" "$BATS_FILE_TMPDIR/said"; }
errors() { cat "$BATS_FILE_TMPDIR/errors"; }

@test "predict.txt says what you expected" {
  predicted "is a part of the image in the store after a load that failed?" yes no
}

@test "full.sh mounts a disk of its own on DIR" {
  is_program ./full.sh
  size=$(stat -f -c '%T %b %S' "$BATS_FILE_TMPDIR/disk" | awk '{ print $1, $2 * $3 / 1048576 " MB" }')
  same "tmpfs 16 MB" "$size" "mount -t tmpfs -o size=16m, and leave it mounted: the check looks at it"
}

@test "the first load fails, because the disk is full" {
  [ -n "$(said full)" ] || bad "full: N" "$(cat "$BATS_FILE_TMPDIR/said")$(errors)" "print the load's status: echo \"full: ...\""
  same 125 "$(said full)" "the load did not fail: what takes the room away before the second half comes? See df in the middle"
}

@test "it fails in the middle: there was room when it began" {
  [ "$(said full)" = 125 ] || missing "the load did not fail"
  [[ $(errors) != *': No space left on device'* ]] || return 0
  [[ $(errors) != *'are larger than'* ]] || bad "No space left on device" "$(errors)" \
    "the disk was full before the load began, so minirun never tried: fill it between the two halves"
  bad "No space left on device" "$(errors)" "it failed for another reason"
}

@test "with room again, the same store takes the image" {
  same 0 "$(said room)" "make room before the second load, and print its status: room: N. It said: $(errors | tail -n 1)"
  found=$(find "$BATS_FILE_TMPDIR/disk/store/overlay2" -name "*-$word" | wc -l)
  same 2 "$found" "both files of the image belong in $BATS_FILE_TMPDIR/disk/store"
}

@test "nothing is left of the load that failed" {
  [ -d "$BATS_FILE_TMPDIR/disk/store" ] || missing "there is no store in DIR"
  same '' "$(ls "$BATS_FILE_TMPDIR/disk/store/staging")" "staging/ is where a load works. Did yours end before you looked?"
}
