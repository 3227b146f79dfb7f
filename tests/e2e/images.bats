#!/usr/bin/env bats
# Images that have to work: every form in which tools save them, from a file, a directory and standard input.
# shellcheck disable=SC2154  # bats sets stderr, output, status

load helpers

# packed FILE PROGRAM: the archive, unpacked if need be and packed by PROGRAM (cat packs nothing).
packed() {
  local plain=$WORK/plain-${1##*/} out=$WORK/${1##*/}.$2
  [ -e "$plain" ] || if ! gzip -dc "$1" >"$plain" 2>/dev/null; then cp "$1" "$plain"; fi
  "$2" -c <"$plain" >"$out" 2>/dev/null || cat "$plain" >"$out"
  echo "$out"
}

@test "real archives: docker save, gzip'd" { runs_hello "$FIXTURES/hello-world-docker20.tar.gz"; }
@test "real archives: docker save, two names" { runs_hello "$FIXTURES/two-tags-docker20.tar"; }
@test "real archives: docker save by id, without names" { runs_hello "$FIXTURES/untagged-by-id-docker20.tar"; }
@test "real archives: podman save, docker-archive" { runs_hello "$FIXTURES/hello-podman4-docker-archive.tar"; }
@test "real archives: podman save, oci-archive" { runs_hello "$FIXTURES/hello-podman4-oci-archive.tar"; }
@test "real archives: skopeo, zstd layers" { runs_hello "$FIXTURES/hello-skopeo-oci-zstd.tar"; }
@test "real archives: containerd's export" { runs_hello "$FIXTURES/hello-containerd16-export.tar"; }

@test "real archives: busybox, 269 hard links" {
  minirun run "$FIXTURES/busybox-docker20.tar.gz" id -u
  [ "$output" = 0 ] || fail
}

@test "real archives: two images in one, of which one is chosen" {
  local archive=$FIXTURES/multi-two-images-docker20.tar
  minirun run "$archive"
  [ "$status" -eq 125 ]
  [[ $stderr == *hello-two* && $stderr == *busybox-static:1* ]] || fail "not both are listed"
  runs_hello "$archive" --image hello-two
  minirun run --image busybox-static:1 "$archive" id -u
  [ "$output" = 0 ] || fail
}

@test "real archives: with every outer compression, from a file and from standard input" {
  for fixture in hello-world-docker20.tar.gz hello-podman4-oci-archive.tar hello-containerd16-export.tar; do
    for program in cat gzip bzip2 xz zstd; do
      local archive
      archive=$(packed "$FIXTURES/$fixture" "$program")
      runs_hello "$archive"
      runs_hello - <"$archive"
      minirun rmi "$(ls "$MINIRUN_ROOT/images")" # its only one
      [ "$status" -eq 0 ] || fail "rmi"
    done
  done
}

@test "real archives: from standard input into an empty store" {
  for archive in "$FIXTURES"/hello-*; do
    MINIRUN_ROOT=$WORK/store-${archive##*/} runs_hello - <"$archive"
  done
}

@test "real archives: from a directory, unpacked" {
  for fixture in hello-podman4-oci-archive.tar hello-skopeo-oci-zstd.tar hello-containerd16-export.tar; do
    mkdir "$WORK/dir-$fixture"
    tar -xf "$FIXTURES/$fixture" -C "$WORK/dir-$fixture"
    runs_hello "$WORK/dir-$fixture"
    runs_hello "$WORK/dir-$fixture/"
  done
}

@test "forged archives: every good form runs" {
  local forms
  forms=$(cases good- | grep -vE 'two-images|shell|long-names|sparse|whiteout|hostile')
  [ "$(wc -l <<<"$forms")" -ge 25 ]
  for id in $forms; do runs_hello "$(forged "$id")"; done
}

@test "forged archives: every good form runs from standard input" {
  for id in $(cases good- | grep -vE 'two-images|shell|long-names|sparse|whiteout|hostile|-dir'); do
    MINIRUN_ROOT=$WORK/store-$id runs_hello - <"$(forged "$id")"
  done
}

@test "forged archives: two images, in the old form and the new" {
  for id in good-two-images good-two-images-docker25; do
    runs_hello "$(forged "$id")" --image one:1
    runs_hello "$(forged "$id")" --image two:2
  done
}

@test "forged archives: load takes all images, and their names are known" {
  minirun load "$(forged good-two-images)"
  [ "$status" -eq 0 ]
  minirun images
  [[ $output == *one* && $output == *two* ]]
  runs_hello one:1
  runs_hello two:2
}

@test "a name in the store: --image and --platform can't choose another, and say so" {
  minirun load "$(forged good-gzip)"
  [ "$status" -eq 0 ] || fail
  name=$("$MINIRUN" images | awk 'NR == 2 { print $1 }')
  minirun --platform linux/s390x "$name"
  says_no "$name in the store is made for linux/[a-z0-9]+; --platform asks for linux/s390x"
  minirun --image other "$name"
  says_no "--image chooses one of the images of an archive"
  minirun --dry-run --image other "$name"
  says_no "--image chooses one of the images of an archive"
  minirun --platform "linux/$(dpkg --print-architecture)" "$name"
  [ "$status" -eq 0 ] || fail "its own platform is refused"
}

@test "forged archives: of several platforms the host's is taken, or the one asked for" {
  local archive
  archive=$(forged good-multi-platform)
  runs_hello "$archive"
  minirun load --platform linux/s390x "$archive"
  [ "$status" -eq 0 ] || fail
  minirun load --platform linux/riscv64 "$archive"
  says_no 'riscv64'
}

@test "forged archives: names over 100 bytes, as GNU tar and as pax writes them" {
  shows good-long-names 'cat /g*/n* /p*/x*' gnu pax
}

@test "forged archives: a file out of the second layer" {
  minirun load "$(forged good-legacy)"
  find_top_layer
  grep -qx 'a note' "$top_layer/etc/note.txt"
}

@test "the store: an image is found by name and by the start of its id" {
  local id
  minirun load "$(forged good-two-tags)"
  runs_hello forged:latest
  runs_hello forged:two
  runs_hello forged
  id=$("$MINIRUN" inspect forged:two | jq -r .Id)
  id=${id#sha256:}
  runs_hello "${id:0:12}"
}

@test "the store: the same layers in another form are not stored again" {
  local before
  minirun load "$(forged good-legacy)"
  before=$(find "$MINIRUN_ROOT/overlay2" -maxdepth 2 | sort)
  minirun load "$(forged good-oci-zstd)"
  [ "$status" -eq 0 ]
  [ "$(find "$MINIRUN_ROOT/overlay2" -maxdepth 2 | sort)" = "$before" ] || fail "a layer is there twice"
}

@test "the store: --root names it too" {
  minirun run --root "$WORK/other" "$(forged good-legacy)"
  [ "$output" = "$HELLO" ] || fail
  [ -d "$WORK/other/overlay2" ]
}

@test "the store: rmi leaves nothing of an image" {
  local before
  minirun load "$(forged good-oci)"
  before=$(ls "$MINIRUN_ROOT/overlay2/l" "$MINIRUN_ROOT/images")
  minirun load "$(forged good-127-layers)"
  minirun rmi forged:latest # the name is the newer image's now
  [ "$status" -eq 0 ] || fail
  [ "$(ls "$MINIRUN_ROOT/overlay2/l" "$MINIRUN_ROOT/images")" = "$before" ] || fail "something is left"
}

# slow_start CALL ID: a start in the background that waits for two seconds before its first CALL. Sets runner.
slow_start() {
  strace -f -qq -o /dev/null -e "trace=$1" -e "inject=$1:delay_enter=2000000:when=1" \
    "$MINIRUN" run "$2" > "$WORK/started" 2>&1 &
  runner=$!
}

@test "the store: rmi and a start at once: one of them is told no, and no container loses its layers" {
  local id status=0
  "$MINIRUN" load "$(forged good-oci)" > /dev/null
  id=$(ls "$MINIRUN_ROOT/images")
  slow_start mkdirat "$id" # the image is chosen, and nothing of the container is there
  sleep 1
  "$MINIRUN" rmi "$id" || fail "rmi, before anything is there"
  wait $runner || status=$?
  [ "$status" = 125 ] || fail "the start: $(cat "$WORK/started")"
  grep -qE '^minirun: step file-lower: the layer l/[A-Z2-7]{26} is gone: the image was removed just now$' "$WORK/started" ||
    fail "the start: $(cat "$WORK/started")"
  [ -z "$(ls "$MINIRUN_ROOT/containers")" ] || fail "a container is left"
  "$MINIRUN" load "$(forged good-oci)" > /dev/null
  slow_start clone3 "$id"
  sleep 1
  minirun rmi "$id"
  says_no "image ${id:0:12} is used by container"
  wait $runner || fail "the start: $(cat "$WORK/started")"
  [ "$(cat "$WORK/started")" = "$HELLO" ] || fail "the start: $(cat "$WORK/started")"
}

@test "history: one line a layer" {
  minirun load "$(forged good-oci)"
  minirun history forged:latest
  [ "$(grep -c forge <<<"$output")" -ge 2 ] || fail
}
