#!/usr/bin/env bats
# examples/pull and examples/push, against a registry on this machine (Debian's docker-registry, started by lesson 17's script).

# bats sets output and status, helpers.bash uses ran; fail ends the test
# shellcheck disable=SC2154,SC2034,SC2015
load helpers

registry() { "$top/lessons/17-pull/start/registry" "$@" > /dev/null 2> "$BATS_FILE_TMPDIR/errors" < /dev/null 3>&- 4>&-; }
requests() { "$top/lessons/17-pull/start/registry" log; }

setup_file() {
  with_jq
  export REG_DIR=$BATS_FILE_TMPDIR/registry REG_PORT=$((20000 + RANDOM % 20000))
  HOST=127.0.0.1:$REG_PORT
  export HOST
  registry start || return 1
  registry fill
}
teardown_file() { registry stop; }

# pull ARGUMENT...: runs examples/pull, for 20 seconds at most. What it says is in stderr.
pull() {
  ran="pull $*"
  run --separate-stderr timeout 20 "$top/examples/pull" "$@"
}

# pulled DIRECTORY: each blob is what its name says, nothing else is there, and minirun runs it.
pulled() {
  [ "$status" = 0 ] || fail "not pulled"
  (cd "$1/blobs/sha256" && for file in *; do echo "$file  $file"; done | sha256sum --quiet -c) || fail "wrong bytes"
  [ "$(ls "$1")" = $'blobs\nindex.json\noci-layout' ] || fail "something else is in $1"
  runs_layout "$1"
}
runs_layout() {
  minirun "$1"
  [ "$status" = 0 ] && [[ $output == "Hello from a container!"* ]] || fail "it does not run"
}

stored() { echo "$REG_DIR/storage/docker/registry/v2/blobs/sha256/${1:0:2}/$1/data"; }
largest() { (cd "$1/blobs/sha256" && stat -c '%s %n' -- * | sort -n | tail -n 1 | cut -d ' ' -f 2); } # the layer with the program

@test "an index: the image of this machine's platform is pulled, and runs" {
  pull "$HOST/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
  [ "$(find "$WORK/hello/blobs/sha256" -type f | wc -l)" = 4 ] || fail "not a manifest, a config and two layers"
  minirun load "$WORK/hello"
  [ "$output" = "Loaded image: $HOST/hello-world:latest" ] || fail "it has another name"
}

@test "--platform: another one; and which there are, if none fits" {
  pull --platform linux/s390x "$HOST/hello-world" "$WORK/other"
  [ "$status" = 0 ] || fail "not pulled"
  minirun "$WORK/other"
  [[ $stderr == *'made for linux/s390x'* ]] || fail "it is not for s390x"
  pull --platform plan9/mips "$HOST/hello-world" "$WORK/none"
  [ "$status" = 1 ] && [[ $stderr == *'none is for plan9/mips. There are: ["linux/'* ]] || fail "not told"
}

@test "a registry that wants a token gets one" {
  requests > /dev/null
  pull "127.0.0.1:$((REG_PORT + 1))/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
  grep -q 'token?service=registry&scope=repository%3[aA]hello-world%3[aA]pull  200$' <<< "$(requests)" || fail "no token was asked for"
}

@test "it says each request, and no other came" {
  requests > /dev/null
  pull "$HOST/hello-world:latest" "$WORK/hello"
  said=$(sed -nE "s#^GET http://$HOST(/[^ ]*)  ([0-9]+)  .*#$REG_PORT  GET \1  \2#p" <<< "$stderr")
  [ "$said" = "$(requests)" ] || fail "the registry got: $(requests)"
  [ "$(wc -l <<< "$said")" = 6 ] || fail "not six requests"
}

@test "a second pull asks for no blob again; by digest it is the same image" {
  pull "$HOST/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
  requests > /dev/null
  pull "$HOST/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
  ! grep /blobs/ <<< "$(requests)" || fail "it fetched again"
  pull "$HOST/hello-world@$(jq -r '.manifests[0].digest' "$WORK/hello/index.json")" "$WORK/hello2"
  pulled "$WORK/hello2"
  diff -r "$WORK/hello/blobs" "$WORK/hello2/blobs" || fail "another image"
}

@test "what came by half goes on from there; what was broken on the disk is fetched again" {
  pull "$HOST/hello-world:latest" "$WORK/hello"
  cd "$WORK/hello/blobs/sha256"
  layer=$(largest "$WORK/hello")
  head -c 1000 "$layer" > "$layer.part"
  size=$(stat -c %s "$layer")
  rm "$layer"
  pull "$HOST/hello-world:latest" "$WORK/hello"
  [[ $stderr == *"$layer  206  $((size - 1000)) bytes"* ]] || fail "not the rest alone"
  pulled "$WORK/hello"
  truncate -s 1000 "$layer"
  pull "$HOST/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
  # The first half is of something else: told, and the next try begins anew.
  rm "$layer"
  head -c 1000 /dev/zero > "$layer.part"
  pull "$HOST/hello-world:latest" "$WORK/hello"
  [ "$status" = 1 ] && [[ $stderr == *'these are other bytes'* ]] || fail "not noticed"
  pull "$HOST/hello-world:latest" "$WORK/hello"
  pulled "$WORK/hello"
}

@test "a layer with one byte changed is refused, and not kept" {
  pull "$HOST/hello-world:latest" "$WORK/hello"
  layer=$(largest "$WORK/hello")
  cp "$(stored "$layer")" "$WORK/kept"
  printf x | dd of="$(stored "$layer")" bs=1 seek=5000 conv=notrunc status=none
  pull "$HOST/hello-world:latest" "$WORK/bad"
  cp "$WORK/kept" "$(stored "$layer")"
  [ "$status" = 1 ] && [[ $stderr == *"these are other bytes: sha256:$layer was asked for"* ]] || fail "not refused"
  [ ! -e "$WORK/bad/blobs/sha256/$layer" ] && [ ! -e "$WORK/bad/blobs/sha256/$layer.part" ] || fail "kept"
  [ ! -e "$WORK/bad/index.json" ] || fail "an index of a broken image"
}

@test "Docker's own types, a list and a manifest, as docker push sends them" {
  docker=application/vnd.docker.distribution.manifest
  pull "$HOST/hello-world:latest" "$WORK/hello"
  manifest=$WORK/hello/blobs/sha256/$(jq -r '.manifests[0].digest | .[7:]' "$WORK/hello/index.json")
  jq -c --arg type "$docker.v2+json" '.mediaType = $type | .config.mediaType = "application/vnd.docker.container.image.v1+json" |
    .layers[].mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"' "$manifest" > "$WORK/manifest"
  curl -sf -X PUT -H "Content-Type: $docker.v2+json" --data-binary "@$WORK/manifest" "http://$HOST/v2/hello-world/manifests/alone"
  pull "$HOST/hello-world:alone" "$WORK/alone"
  pulled "$WORK/alone"
  jq -c --arg type "$docker" --arg digest "sha256:$(sha256sum "$WORK/manifest" | cut -d ' ' -f 1)" --argjson size "$(stat -c %s "$WORK/manifest")" \
    --slurpfile config "$WORK/hello/blobs/sha256/$(jq -r '.config.digest | .[7:]' "$manifest")" -n '{schemaVersion: 2, mediaType: ($type + ".list.v2+json"),
    manifests: [{mediaType: ($type + ".v2+json"), digest: $digest, size: $size, platform: ($config[0] | {os, architecture})}]}' > "$WORK/list"
  curl -sf -X PUT -H "Content-Type: $docker.list.v2+json" --data-binary "@$WORK/list" "http://$HOST/v2/hello-world/manifests/list"
  pull "$HOST/hello-world:list" "$WORK/list-pulled"
  pulled "$WORK/list-pulled"
}

@test "no such tag, no such name, no registry: told in a line" {
  pull "$HOST/hello-world:none" "$WORK/x"
  [ "$status" = 1 ] && [[ $stderr == *'pull: it has no such image, or not for you: hello-world:none' ]] || fail "not told"
  pull "$HOST/no/such" "$WORK/x"
  [ "$status" = 1 ] && [[ $stderr == *'no/such:latest' ]] || fail "not told"
  pull 127.0.0.1:1/hello-world "$WORK/x"
  [ "$status" = 1 ] && [[ $stderr == *'Connection refused'* || $stderr == *"connect to server"* ]] || fail "not told"
  pull
  [ "$status" = 1 ] && [[ $stderr == 'pull: usage: '* ]] || fail "not told"
}

@test "a name is read as Docker reads it" {
  mkdir "$WORK/bin"
  # A curl that reaches nobody.
  printf '#!/bin/sh\nprintf "000  0 bytes"; echo no network >&2; exit 7\n' > "$WORK/bin/curl"
  chmod +x "$WORK/bin/curl"
  for case in "hello-world https://registry-1.docker.io" "docker.io/a/b:1 https://registry-1.docker.io" \
    "example.org/a https://example.org" "example.org:5000/a:1 https://example.org:5000" "localhost/a http://localhost" \
    "127.0.0.2:99/a http://127.0.0.2:99" "127.example.org/a https://127.example.org"; do
    PATH=$WORK/bin:$PATH pull "${case% *}" "$WORK/x"
    [[ $stderr == "GET ${case#* }/v2/  000"* ]] || fail "$case"
  done
}

@test "a registry that lies: a digest that is a path, another document than was asked for by digest" {
  mkdir -p "$WORK/web/v2/evil/manifests"
  echo '{}' > "$WORK/web/v2/index.html"
  echo '{"schemaVersion": 2, "config": {"digest": "sha256:../../../outside", "size": 3}, "layers": []}' > "$WORK/web/v2/evil/manifests/latest"
  wrong=sha256:$(printf '%064d' 1)
  echo '{"schemaVersion": 2, "layers": []}' > "$WORK/web/v2/evil/manifests/$wrong"
  busybox httpd -f -p "127.0.0.1:$((REG_PORT + 3))" -h "$WORK/web" 3>&- 4>&- &
  server=$!
  sleep 0.3
  pull "127.0.0.1:$((REG_PORT + 3))/evil" "$WORK/x"
  first="$status $stderr"
  pull "127.0.0.1:$((REG_PORT + 3))/evil@$wrong" "$WORK/y"
  kill "$server"
  [[ $first == 1*'no digest that I know: sha256:../../../outside'* ]] || fail "$first"
  [ "$status" = 1 ] && [[ $stderr == *"these are other bytes: $wrong was asked for"* ]] || fail "not noticed"
  [ ! -e "$WORK/y/index.json" ] && [ ! -e "$WORK/outside" ] || fail "it made something"
}

@test "push: what is there is not sent again" {
  requests > /dev/null
  run "$top/examples/push" "$top/examples/hello-world.tar.gz" "$HOST/hello-world:again"
  [ "$status" = 0 ] || fail "not pushed"
  [ "$(awk '{ print $2, $4 }' <<< "$(requests)" | sort | uniq -c | tr -s ' ')" = $' 3 HEAD 200\n 1 PUT 201' ] || fail "$(requests)"
  pull "$HOST/hello-world:again" "$WORK/again"
  pulled "$WORK/again"
}

@test "pull is at most 120 lines" {
  [ "$(wc -l < "$top/examples/pull")" -le 120 ] || fail "too long"
}
