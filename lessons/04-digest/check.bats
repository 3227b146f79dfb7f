#!/usr/bin/env bats
# Lesson 4: run.sh verify finds what was changed in an image, and says what.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR layer
  word=$(random_word)
  for layer in 1 2 3; do
    mkdir -p "$dir/$layer/etc"
    echo "$layer $word" > "$dir/$layer/etc/file"
  done
  changed=$((1 + RANDOM % 3))
  for form in old new packed; do
    make_image "$dir/$form.tar" "$form" "{\"Cmd\":[\"/bin/$word\"]}" "$dir"/[123]
  done
  export word changed
}

image() { echo "$BATS_FILE_TMPDIR/$1.tar"; }

# tamper FORM COMMAND...: a copy of that image, on whose unpacked files the command was run. Sets tampered.
tamper() {
  local stage
  stage=$(mktemp -d)
  tar -C "$stage" -xf "$(image "$1")"
  layer_path=$(layer_paths "$(image "$1")" | sed -n "${changed}p")
  shift
  (cd "$stage" && "$@")
  tampered=$BATS_TEST_TMPDIR/tampered.tar
  (cd "$stage" && tar -cf "$tampered" -- *)
}
flip_byte() { sed -i "s/$changed $word/$changed ${word%?}x/" "$layer_path"; }
change_config() { sed -i "s,/bin/$word,/bin/evil," "$(jq -r '.[0].Config' manifest.json)"; }
swap_layers() { jq -c '.[0].Layers |= [.[1], .[0], .[2]]' manifest.json > new && mv new manifest.json; }
drop_layer() { jq -c '.[0].Layers |= .[:2]' manifest.json > new && mv new manifest.json; }
pack_again() { gzip -dc "$layer_path" | gzip -n1 > new && mv new "$layer_path"; }

verify() { student 10 ./run.sh verify "$1"; }

# lines_for N WHAT: what verify prints of three layers where layer N is WHAT.
lines_for() {
  local layer
  echo 'config ok'
  for layer in 1 2 3; do
    if [ "$layer" = "$1" ]; then echo "layer $layer $2"; else echo "layer $layer ok"; fi
  done
}

@test "predict.txt says what you expected" {
  predicted "does tar complain about a changed letter?" yes no
}

@test "an image that nobody has changed: all is ok, and status 0" {
  verify "$(image old)"
  same "$(lines_for 0)" "$output$errors" "this image is sound. A layer's diff id is in the config, .rootfs.diff_ids, at the layer's place"
  same 0 "$status" "all is ok, but run.sh ends with status $status"
}

@test "the same as docker writes it since version 25, and with packed layers" {
  verify "$(image new)"
  same "$(lines_for 0)" "$output$errors" "this image is sound. Its config is called blobs/sha256/DIGEST, without .json"
  verify "$(image packed)"
  same "$(lines_for 0)" "$output$errors" "this image is sound. Its layers are compressed: the diff id is of the tar before it was packed"
}

@test "one byte of a layer is another: that layer is BAD" {
  tamper old flip_byte
  verify "$tampered"
  same "$(lines_for "$changed" 'BAD diff id')" "$output$errors" "in layer $changed the letter after ${word%?} was changed: sha256sum of that layer is no longer its diff id"
}

@test "and the status is 1" {
  tamper old flip_byte
  verify "$tampered"
  same 1 "$status" "the lines are for people, the status is what a program asks: return 1 if anything is BAD"
}

@test "the config is another: it is BAD" {
  tamper old change_config
  verify "$tampered"
  same "config BAD" "${output%%$'\n'*}$errors" "this config now says to run /bin/evil, under its old name. The name claims a digest: is it really the digest of these bytes?"
}

@test "two layers have changed places: both are BAD" {
  tamper old swap_layers
  verify "$tampered"
  same "$(printf '%s\n' 'config ok' 'layer 1 BAD diff id' 'layer 2 BAD diff id' 'layer 3 ok')" "$output$errors" \
    "the same layers in another order are another image: each has to match the diff id at its own place"
}

@test "a packed layer was packed again: its name is BAD, its diff id is not" {
  tamper packed pack_again
  verify "$tampered"
  same "$(lines_for "$changed" 'BAD name')" "$output$errors" \
    "the tar inside is the same, but a blob's name is the digest of the bytes as they lie in the archive, and those are others"
}

@test "the manifest leaves out the highest layer: status 1" {
  tamper old drop_layer
  verify "$tampered"
  same 1 "$status" "the config has 3 diff ids and the manifest names 2 layers. Each of them is sound, and one is missing. Who counts them?"
}
