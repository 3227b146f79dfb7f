#!/usr/bin/env bats
# Lesson 17: pull.sh makes a layout of what a registry has. The registry is started anew, with images that nobody has seen.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

setup_file() {
  local dir=$BATS_FILE_TMPDIR layer
  busybox ip link set lo up 2> /dev/null || true # in a network of its own
  export REG_DIR=$dir/registry REG_PORT=$((20000 + RANDOM % 20000))
  word=$(random_word) name=lesson/$(random_word)
  host=127.0.0.1:$REG_PORT
  for layer in 1 2; do
    mkdir -p "$dir/$layer/etc"
    echo "$layer $word" > "$dir/$layer/etc/file"
  done
  make_image "$dir/one.tar.gz" old "{\"Cmd\":[\"/bin/$word\"]}" "$dir"/[12]
  "$LAB_LESSON/start/registry" start > "$dir/started" 2>&1 < /dev/null || true
  {
    push one.tar.gz "$host/$name:one"
    push one.tar.gz=s390x one.tar.gz "$host/$name:both" # the machine's own is not the first
  } > "$dir/pushed" 2>&1 < /dev/null || true
  "$LAB_LESSON/start/registry" log > "$dir/log" 2>&1 || true
  machine=$(uname -m)
  export word name host machine
}
teardown_file() { "$LAB_LESSON/start/registry" stop; }
push() { (cd "$BATS_FILE_TMPDIR" && "$LAB_LESSON/../../examples/push" "$@"); }

# pull TAG [DIRECTORY]: runs the student's script. Sets asked, the requests that came, and layout.
pull() {
  [ -s "$REG_DIR/pids" ] || missing "no registry could be started: $(tail -n 1 "$BATS_FILE_TMPDIR/started")" "sudo make lessons-deps"
  layout=${2:-$BATS_TEST_TMPDIR/layout}
  student 10 ./pull.sh "$host/$name:$1" "$layout"
  asked=$("$LAB_LESSON/start/registry" log)
}

# manifest_of TAG: the digest of this machine's manifest, as the registry has it.
manifest_of() {
  local types='Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' document
  document=$(curl -s -H "$types" "http://$host/v2/$name/manifests/$1"; echo x)
  document=${document%x}
  if [ "$(jq -r .mediaType <<< "$document")" = application/vnd.oci.image.index.v1+json ]; then
    jq -r '.manifests[] | select(.platform.architecture != "s390x") | .digest' <<< "$document"
  else
    echo "sha256:$(printf %s "$document" | sha256)"
  fi
  "$LAB_LESSON/start/registry" log > /dev/null # these requests are ours
}
stored() { echo "$REG_DIR/storage/docker/registry/v2/blobs/sha256/${1:7:2}/${1#sha256:}/data"; }
blobs_of() { jq -r '.config.digest, .layers[].digest' "$(stored "$1")"; } # blobs_of MANIFEST
here() { (cd "$layout/blobs/sha256" 2> /dev/null && for file in *; do [ ! -f "$file" ] || echo "sha256:$file"; done) || true; }

# is_layout MANIFEST: what the directory has is that image, and nothing else.
is_layout() {
  local digest
  [ "$status" = 0 ] || bad "status 0" "status $status. ${errors:-}" "$(why_not)"
  for digest in "$1" $(blobs_of "$1"); do
    cmp -s "$layout/blobs/sha256/${digest#sha256:}" "$(stored "$digest")" ||
      bad "$digest in blobs/sha256, as the registry has it" "$(here)" "the manifest and each blob are a file in blobs/sha256, and its name is the digest without sha256:"
  done
  same "$(sort -u <<< "$1"$'\n'"$(blobs_of "$1")")" "$(here | sort)" "the image of this machine ($machine) has these blobs. What does not belong to it is not fetched"
  same '"1.0.0"' "$(jq -c .imageLayoutVersion "$layout/oci-layout" 2>&1)" "oci-layout is a file with one line: image-spec, image-layout.md"
  same "$(jq -c --arg digest "$1" --argjson size "$(stat -c %s "$(stored "$1")")" '[[.mediaType, $digest, $size]]' "$(stored "$1")")" \
    "$(jq -c '[.manifests[] | [.mediaType, .digest, .size]]' "$layout/index.json" 2>&1)" \
    "index.json is {\"schemaVersion\": 2, \"manifests\": [...]}, and in there stand mediaType, digest and size (a number) of the manifest"
}

why_not() {
  if grep -q 'manifests/.*  404$' <<< "$asked"; then
    echo "the registry answered 404 to GET /v2/$name/manifests/...: it has that image, but in no type that you said you understand. Add -H 'Accept: TYPE'"
  elif grep -q 'blobs/.*  404$' <<< "$asked"; then
    echo "the registry has no such blob: $(grep -m 1 'blobs/.*  404$' <<< "$asked"). An index names manifests, and not blobs"
  elif grep -q 'manifests/.*  401$' <<< "$asked"; then
    echo "it answered 401. The line WWW-Authenticate of that answer says where to get a token, for which service and scope"
  else
    echo "these requests came: ${asked:-none}. Try it: ./registry start; ./registry fill; ./pull.sh 127.0.0.1:5017/hello-world:latest hello"
  fi
}

@test "predict.txt says what you expected" {
  predicted "does the client tell the registry which processor it has?" no yes
}

@test "an image for one platform becomes a layout" {
  pull one
  is_layout "$(manifest_of one)"
}

@test "of an index it takes the image for this machine" {
  pull both
  wanted=$(manifest_of both)
  other=$(grep 'manifests/sha256:' <<< "$asked" | grep -v "$wanted" || true)
  [ -z "$other" ] || bad "GET /v2/$name/manifests/$wanted" "$other" "this machine is $machine, and that manifest is for another. Which place an image has in the index means nothing: look at .platform.architecture"
  is_layout "$wanted"
}

@test "a layer that has other bytes than its digest says: status not 0, and it is not in the layout" {
  layer=$(blobs_of "$(manifest_of one)" | tail -n 1)
  cp "$(stored "$layer")" "$BATS_TEST_TMPDIR/kept"
  printf x | dd of="$(stored "$layer")" bs=1 seek=20 conv=notrunc status=none
  pull one
  came=$(grep -c "blobs/$layer  200" <<< "$asked" || true)
  file=$layout/blobs/sha256/${layer#sha256:}
  seen=$([ ! -e "$file" ] || digest_of "$file")
  cp "$BATS_TEST_TMPDIR/kept" "$(stored "$layer")"
  [ "$came" -gt 0 ] || missing "it did not get so far" "first the lines above"
  [ "$status" != 0 ] || bad "a status that is not 0" "status 0, and a file whose digest is ${seen:-none}" "the registry sent a layer with one byte changed, and pull.sh took it: $layer"
  same '' "$seen" "the status says that it is wrong, but the file lies in the layout under a digest that it does not have: check it first, then give it its name"
}
digest_of() { echo "sha256:$(sha256 < "$1")"; }

@test "what is there already is not fetched again, and what is there by half is" {
  pull one
  manifest=$(manifest_of one)
  [ "$status" = 0 ] || missing "it did not get so far" "first the lines above"
  pull one "$layout"
  same '' "$(grep blobs/ <<< "$asked" || true)" "all blobs were in the directory, and it asked for them again"
  layer=$(blobs_of "$manifest" | tail -n 1)
  truncate -s 30 "$layout/blobs/sha256/${layer#sha256:}"
  pull one "$layout"
  grep -q "blobs/$layer" <<< "$asked" || bad "GET /v2/$name/blobs/$layer" "${asked:-nothing}" "this layer's file was there, but only 30 bytes of it, as after a broken connection. A name proves nothing: what does?"
  is_layout "$manifest"
}

@test "from a registry that wants a token" {
  host=127.0.0.1:$((REG_PORT + 1))
  pull one
  tokens=$(grep cgi-bin/token <<< "$asked" || true)
  if [ -n "$tokens" ] && ! grep -qi 'service=.*scope=\|scope=.*service=' <<< "$tokens"; then
    bad "GET /cgi-bin/token?service=registry&scope=repository:$name:pull" "$tokens" "a token that was asked for without the scope allows nothing: pass on the service and the scope of WWW-Authenticate"
  fi
  host=127.0.0.1:$REG_PORT
  is_layout "$(manifest_of one)"
}
