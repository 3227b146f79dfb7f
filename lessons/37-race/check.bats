#!/usr/bin/env bats
# Lesson 37: race.sh makes two loads of one archive meet.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR writer now
  most=0 early=no
  mkdir -p "$dir/1"
  head -c 2000000 /dev/urandom > "$dir/1/file"
  make_image "$dir/image.tar" new '{"Cmd":["/none"]}' "$dir/1"
  if [ -x race.sh ]; then
    start_student timeout 15 ./race.sh "$dir/store" "$dir/image.tar"
    writer=$!
    while [ -d "/proc/$writer" ] && [ "$(cut -d ' ' -f 3 "/proc/$writer/stat")" != Z ]; do
      now=$(find "$dir/store/staging" -mindepth 1 -maxdepth 1 2> /dev/null | wc -l)
      [ "$now" -le "$most" ] || most=$now
      sleep 0.1
    done
    wait "$writer" || true
    ! pgrep -f -- "--root $dir/store" > /dev/null || early=yes
  fi
  export most early
}

@test "predict.txt says what you expected" {
  predicted "how many copies of the layer are in the store?" one two
}

@test "race.sh STORE ARCHIVE loads into STORE" {
  is_program ./race.sh
  [ -d "$BATS_FILE_TMPDIR/store/overlay2" ] ||
    bad "a store in $BATS_FILE_TMPDIR/store" "$(ls "$BATS_FILE_TMPDIR")" "two stores are no race: both loads get --root \"\$1\""
}

@test "race.sh ends when both have ended" {
  same no "$early" "it ended before both had ended: wait for each, and keep both statuses"
}

@test "two loads are in the middle at the same time" {
  [ "$most" -ge 2 ] || bad "2 directories in staging/ at once" "$most at the most" \
    "there were never two at once: hold each load in the middle of its archive, for a second at least"
}

@test "both loads say 0" {
  same "statuses: 0 0" "$(cat "$BATS_FILE_TMPDIR/output" 2> /dev/null)" "print both statuses in one line. Errors: $(tail -n 2 "$BATS_FILE_TMPDIR/errors" 2> /dev/null)"
}

@test "the store has the layer once" {
  count=$(find "$BATS_FILE_TMPDIR/store/overlay2" -mindepth 1 -maxdepth 1 -regextype egrep -regex '.*/[0-9a-f]{64}' 2> /dev/null | wc -l)
  same 1 "$count" "the image has one layer; was it loaded into this store?"
}
