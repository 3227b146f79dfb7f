#!/usr/bin/env bats
# Lesson 35: leak.sh lets a container's mounts leak, and takes them away.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR
  mkdir -p "$dir/1/bin"
  cp /bin/busybox "$dir/1/bin/true"
  make_image "$dir/image.tar" new '{"Env":["PATH=/bin"]}' "$dir/1"
  mount --make-rshared /
  before=$(table)
  if [ -x leak.sh ]; then
    timeout -k 1 20 ./leak.sh "$dir/store" "$dir/image.tar" < /dev/null > "$dir/output" 2> "$dir/errors" 3>&- 4>&- || true
  fi
  after=$(table)
  # The same once more, to know what leaks here. MERGED is where the container's root is.
  leak "$dir/own" "$dir/image.tar"
  expected=$(points "$dir/own")
  umount -R "$dir"/own/containers/*/merged || true
  printed=$(merged < "$dir/output")
  export before after expected printed
}
# What a script left mounted goes, so that the next check finds nothing of it.
teardown_file() { umount -R "$BATS_FILE_TMPDIR"/{store,own}/containers/*/merged 2> /dev/null || true; }

leak() { "$LAB_DIR/minirun" --root "$1" --skip private --yes-break-it "$2" true > /dev/null 2>&1 || true; }
table() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
points() { cut -d ' ' -f 5 /proc/self/mountinfo | grep "^$1/" | merged; }
merged() { sed -E 's#^.*/containers/[0-9a-f]{12}/merged#MERGED#' | sort; }

@test "predict.txt says what you expected" {
  predicted "are the container's mounts still in your table when minirun has ended?" yes no
}

@test "a container's mounts leaked" {
  is_program ./leak.sh
  [ -n "$(ls "$BATS_FILE_TMPDIR/store/images" 2> /dev/null)" ] ||
    bad "an image in STORE" "none. $(cat "$BATS_FILE_TMPDIR/errors")" "call ../minirun --root STORE ... ARCHIVE"
  [ -n "$printed" ] || bad "mount points below STORE" "nothing was printed" \
    "nothing leaked, or nothing was printed: which step cuts the tie to the host's mounts? See ../minirun explain"
  grep -qx MERGED <<< "$printed" || bad "STORE/containers/ID/merged among them" "$printed" "print where they are mounted, a line each"
}

@test "all of them are printed" {
  [ -n "$printed" ] || missing "there are none"
  same "$(wc -l <<< "$expected") mount points" "$(wc -l <<< "$printed") mount points" \
    "on the container's root lie other mounts: /proc, /dev and more. All of them are in your table"
  same "$expected" "$printed" "print the mount points, and nothing else"
}

@test "they are gone, and no other mount changed" {
  [ -n "$printed" ] || missing "there are none"
  [ -z "$(comm -13 <(sort <<< "$before") <(sort <<< "$after"))" ] ||
    bad "the table as before" "$(comm -13 <(sort <<< "$before") <(sort <<< "$after"))" "they are still mounted: umount has an option for a whole tree"
  same "$before" "$after" "a mount of the machine is gone too"
}

@test "minirun removed the container's directory" {
  [ -n "$printed" ] || missing "there was none"
  same '' "$(ls "$BATS_FILE_TMPDIR/store/containers")" \
    "when nothing is mounted on it any more, minirun can remove what a dead runner left: ../minirun help"
}
