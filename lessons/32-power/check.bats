#!/usr/bin/env bats
# Lesson 32: save.sh saves a file in such a way that a power cut at any moment leaves the old content or the new one.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check

# The file system lies in a file. A copy of that file is what a power cut would leave at this moment.
setup_file() {
  local dir=$BATS_FILE_TMPDIR number=0 writer
  old=$(random_word) word=$(random_word)
  export old word
  seq -f "$word %g" 5000 > "$dir/new"
  mkdir "$dir/on" "$dir/after"
  truncate -s 8M "$dir/disk"
  PATH=$PATH:/sbin mkfs.ext4 -q "$dir/disk"
  # commit: names are written when a cut is near, see below. noauto_da_alloc: no help that only ext4 gives.
  mount -o loop,commit=60,noauto_da_alloc "$dir/disk" "$dir/on"
  # Where other disks are busy, the kernel writes to a new one early. Not with a share of its own. It outlives the mount.
  share=/sys/class/bdi/$(mountpoint -d "$dir/on")/min_ratio
  share_before=$(cat "$share")
  export share share_before
  echo 10 > "$share" || true
  mkdir "$dir/on/data"
  echo "$old" > "$dir/on/data/file"
  sync -f "$dir/on"
  [ -x save.sh ] || return 0
  # Each flush begins 1.2 seconds late. So there is a moment in which what was not flushed yet is lost.
  timeout 20 strace -f -qq -o "$dir/strace" -e trace=fsync,fdatasync,syncfs,sync,/^rename,/^link -e inject=fsync,fdatasync,syncfs,sync:delay_enter=1200000 \
    ./save.sh "$dir/on/data" file < "$dir/new" > "$dir/said" 2>&1 3>&- 4>&- &
  writer=$!
  while sleep 0.25 && kill -0 "$writer" 2> /dev/null; do
    # Somebody else flushes a file of theirs. That writes the names of all, as it happens every 5 seconds without it.
    echo > "$dir/on/other"
    sync "$dir/on/other"
    cut_power "$((number += 1))"
  done
  wait "$writer" || echo "status $?" >> "$dir/said"
  cut_power last
  ls -A "$dir/on/data" > "$dir/names"
  cp "$dir/on/data/file" "$dir/live" || true
}
teardown_file() {
  echo "$share_before" > "$share" || true
  umount -l "$BATS_FILE_TMPDIR/on" 2> /dev/null || true
}

cut_power() { cp "$BATS_FILE_TMPDIR/disk" "$BATS_FILE_TMPDIR/cut.$1"; }

# after N: what the file has in it after the power cut N: the old text, the new one, or something else in words.
after() {
  local dir=$BATS_FILE_TMPDIR seen
  mount -o loop "$dir/cut.$1" "$dir/after"
  seen=$dir/after/data/file
  if [ ! -e "$seen" ]; then
    echo "no file of this name"
  elif [ ! -s "$seen" ]; then
    echo "an empty file"
  elif cmp -s "$seen" "$dir/new"; then
    echo new
  elif [ "$(cat "$seen")" = "$old" ]; then
    echo old
  else
    echo "$(stat -c %s "$seen") bytes, a part of the new text"
  fi
  umount "$dir/after"
}
flushes() { grep -cE 'sync[a-z]*\(' "$BATS_FILE_TMPDIR/strace" 2> /dev/null || true; }

# The last call that matters is a flush, not a new name.
ends_with_flush() {
  awk '/(rename|link)[a-z0-9]*\(/ { named = 1 } /sync[a-z]*\(/ { named = 0 } END { exit named }' "$BATS_FILE_TMPDIR/strace"
}

@test "predict.txt says what you expected" {
  predicted "is the program in the store whole when the power is back?" yes no
}

@test "save.sh DIR NAME saves what it reads, and leaves nothing else" {
  is_program ./save.sh
  cmp -s "$BATS_FILE_TMPDIR/live" "$BATS_FILE_TMPDIR/new" ||
    bad "the text, in DIR/NAME" "$(head -c 60 "$BATS_FILE_TMPDIR/live"; cat "$BATS_FILE_TMPDIR/said")" "the text comes on standard input: cat prints it"
  same file "$(cat "$BATS_FILE_TMPDIR/names")" "a file that you made for a moment is still in DIR"
}

@test "the power goes off just after its end: the new text is there" {
  seen=$(after last)
  hint="nothing was flushed: for the disk, the text does not exist yet. See sync(1)"
  [ "$(flushes)" = 0 ] || hint="what was flushed last? A new name is a change of the directory: sync \"\$1\" flushes that"
  # On a slow machine our own flush of another file may have come after the rename.
  [ "$seen" != new ] || ends_with_flush || seen="new, by luck: nothing was flushed after the rename"
  same new "$seen" "$hint"
}

@test "the power goes off before: the old text is there, or the new one" {
  for cut in "$BATS_FILE_TMPDIR"/cut.[0-9]*; do
    seen=$(after "${cut##*.}")
    case $seen in old | new) continue ;; esac
    hint="the name was there before the text: flush the text, and rename it after that"
    grep -qE '^[^#]*(mv|rename|ln) ' save.sh || hint="the old text was gone before the new one was on the disk. Write it beside the old one, under another name"
    bad "the old text, or the new one" "$seen" "$hint"
  done
}
