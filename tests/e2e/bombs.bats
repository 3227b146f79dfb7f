#!/usr/bin/env bats
# Small archives that unpack to more than there is. Refused, in bounded memory and time.
# shellcheck disable=SC2154  # bats sets stderr, output, status

load helpers

# bomb CASE REGEX [OPTION...]: refused within 64 MiB, store and victim unchanged.
bomb() {
  local id=$1 regex=$2 archive before
  shift 2
  archive=$(forged "$id")
  before=$(store_state)
  within 64 "$MINIRUN" load "$@" "$archive"
  says_no "$regex"
  [ "$(store_state)" = "$before" ] || fail "$id: the store was changed"
}

@test "case 53: a layer that unpacks to more than --max-size is refused" {
  for id in $(cases case-53-); do bomb "$id" 'max-size|more than|larger|limit|allowed' --max-size 16m; done
}

@test "case 53: without --max-size the free space is the limit, and it is free again" {
  mount -o remount,size=200m "$WORK"
  bomb case-53-zstd 'space|free|more than|larger|limit|allowed'
}

@test "case 53: an image below --max-size loads" {
  minirun load --max-size 16m "$(forged good-gzip)"
  [ "$status" -eq 0 ]
}

@test "case 54: a sparse file of 2^61 bytes is refused" {
  for id in case-54-sparse-pax case-54-sparse-old; do bomb "$id" 'sparse|size|bytes|type'; done
}

@test "case 54: a sparse file that is not too large is a file with a hole, or refused" {
  shows good-sparse-pax 'stat -c %s /sparse; tail -c 3 /sparse' 1048576 xxx
  contained case-54-sparse-old-small 'sparse|type'
}

@test "case 55: more than 2 million entries are refused" { bomb case-55-entries 'entries|members|files'; }

@test "case 55: 100,000 directories load within 64 MiB" {
  local archive
  archive=$(forged case-55-directories)
  within 64 "$MINIRUN" load "$archive"
  [ "$status" -eq 0 ] || fail "not loaded"
}

@test "case 56: a pax header over 1 MiB is refused" {
  for id in $(cases case-56-); do bomb "$id" 'pax|header|extended|attribute'; done
}

# cost KIND N: processor time in seconds that a plan of an image takes whose config has N things of a kind.
cost() {
  python3 - "$1" "$2" "$WORK/long.tar" << 'END'
import hashlib, io, json, sys, tarfile
kind, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
many = {"Env": [f"V{i}=x" for i in range(count)], "Volumes": {f"/v{i}": {} for i in range(count)},
        "Cmd": [f"w{i}" for i in range(count)], "Labels": {f"k{i}": "v" for i in range(count)},
        "ExposedPorts": {f"{i}/tcp": {} for i in range(count)}}
layer = io.BytesIO()
tarfile.open(fileobj=layer, mode="w").close()
config = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["/x"], kind: many[kind]},
          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()]}}
manifest = [{"Config": "c.json", "RepoTags": ["long:1"], "Layers": ["l.tar"]}]
with tarfile.open(path, "w") as archive:
    for name, content in (("c.json", json.dumps(config).encode()), ("l.tar", layer.getvalue()),
                          ("manifest.json", json.dumps(manifest).encode())):
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
END
  local TIMEFORMAT=%U
  { time "$MINIRUN" --platform "linux/amd64" --dry-run "$WORK/long.tar" > "$WORK/plan" 2> "$WORK/said"; } 2>&1
}

@test "case 56: what a config can make long costs in proportion: four times as much, no more than eight times the time" {
  local kind small large
  for kind in Env Volumes Cmd Labels ExposedPorts; do
    small=$(cost "$kind" 5000)
    large=$(cost "$kind" 20000)
    [ -s "$WORK/plan" ] || [ "$(uname -m)" != x86_64 ] || fail "$kind: no plan: $(cat "$WORK/said")"
    awk -v small="$small" -v large="$large" 'BEGIN { exit !(large <= 8 * small + 0.2) }' || fail "$kind: $small s, then $large s"
  done
}
