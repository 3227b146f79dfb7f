#!/usr/bin/env bats
# The images that examples/ makes: what they are, and that they run.

# bats sets output and stderr
# shellcheck disable=SC2154

load helpers
load container

EXAMPLES=$top/examples

setup_file() { with_jq; }

@test "hello-world has the talk's shape: tar -tf shows the same names but for the digests" {
  run bash -c 'tar -tf "$0" | sed -E "s/[0-9a-f]{64}/DIGEST/"' "$EXAMPLES/hello-world.tar.gz"
  [ "$output" = 'DIGEST/
DIGEST/VERSION
DIGEST/json
DIGEST/layer.tar
DIGEST/
DIGEST/VERSION
DIGEST/json
DIGEST/layer.tar
DIGEST.json
manifest.json
repositories' ] || fail "another shape: $output"
  tar -C "$WORK" -xf "$EXAMPLES/hello-world.tar.gz"
  cd "$WORK"
  # Each name is true: the manifest's, the config's digest, the layers', each layer's parent.
  config=$(jq -r '.[0].Config' manifest.json)
  [ "$(sha256sum "$config" | cut -c1-64).json" = "$config" ] || fail "the config's name"
  mapfile -t layers < <(jq -r '.[0].Layers[]' manifest.json)
  [ "${#layers[@]}" = 2 ] || fail "layers: ${layers[*]}"
  [ "$(jq -r '.rootfs.diff_ids[]' "$config")" = "$(sha256sum "${layers[@]}" | sed 's/^\([0-9a-f]*\) .*/sha256:\1/')" ] ||
    fail "the diff ids"
  bottom=${layers[0]%/*} top=${layers[1]%/*}
  [ "$(jq -r .id "$bottom/json" "$top/json")" = "$bottom"$'\n'"$top" ] || fail "the ids"
  [ "$(jq -r '.parent' "$bottom/json" "$top/json")" = null$'\n'"$bottom" ] || fail "the parents"
  [ "$(jq -r '."hello-world".latest' repositories)" = "$top" ] || fail "repositories"
  [ "$(cat "$top/VERSION")" = 1.0 ]
  cd /
}

@test "an example made again has the same bytes" {
  for example in hello-world whiteouts; do
    "$EXAMPLES/$example/build" "$WORK/again.tar.gz"
    cmp "$WORK/again.tar.gz" "$EXAMPLES/$example.tar.gz" || fail "$example"
  done
}

@test "hello-world says what both of its layers hold" {
  minirun "$EXAMPLES/hello-world.tar.gz"
  [[ $output == "Hello from a container!"*"This line is a file of the second layer"* ]] || fail "it says something else"
}

@test "busybox is a shell with its commands, as root and as student" {
  minirun "$EXAMPLES/busybox.tar.gz" sh -c 'id; ls / | tr "\n" " "; stat -c "%a %n" /tmp'
  [ "$output" = $'uid=0(root) gid=0(root) groups=0(root)\nbin dev etc home proc root sys tmp 1777 /tmp' ] || fail "as root"
  minirun -u student "$EXAMPLES/busybox.tar.gz" sh -c 'cd; pwd; ps | wc -l'
  [ "${lines[0]}" = /home/student ] || fail "as student"
}

@test "whiteouts shows what its table says, and so does what minirun tells of the layers" {
  minirun "$EXAMPLES/whiteouts.tar.gz"
  [ "$output" = './added: two
./back: three
./changed: two
./dir/d: three
./kept: one' ] || fail "another sight"
  minirun layers "$EXAMPLES/whiteouts.tar.gz"
  [ "$status" -eq 0 ] || fail "layers"
  minirun cat "$EXAMPLES/whiteouts.tar.gz" /data/deleted --layer 1
  [ "$status" -eq 125 ] || [ "$output" = one ] || fail "the lowest layer"
}

@test "config shows all that an image can say of how it is run, and each can be replaced" {
  minirun "$EXAMPLES/config.tar.gz"
  [ "$output" = "arguments    entrypoint's word cmd's word
user         uid=1000(student) gid=1000(student) groups=1000(student),2000(lab)
directory    /work
home         /home/student
GREETING     hello from the image
PATH         /bin
/data        1 mount, from the image" ] || fail "another config"
  minirun -u 0 -w /data -e GREETING=mine "$EXAMPLES/config.tar.gz" another
  [ "${lines[0]}" = "arguments    entrypoint's word another" ] || fail "Cmd"
  [[ ${lines[1]} == *"uid=0(root)"* ]] || fail "User"
  [ "${lines[2]} ${lines[4]}" = "directory    /data GREETING     mine" ] || fail "WorkingDir, Env"
}
