# Images for the checks of lessons 3 to 6: small, made anew for each check, in the forms that docker save writes.
# shellcheck shell=bash

sha256() { sha256sum | cut -d ' ' -f 1; }

# make_image OUTPUT FORM CONFIG LAYER...: LAYERs are directories, the lowest first; CONFIG is JSON, what to run.
#   old     a directory with layer.tar for each layer, as docker save wrote until version 24; names begin with ./. All of it is
#           compressed with gzip, as in examples/
#   new     blobs/sha256/DIGEST, as it writes since 25; names begin without ./
#   packed  the same, and each layer is compressed by itself, as with containerd's store or from a registry
make_image() {
  local output=$1 form=$2 config=$3 tree stage digest diff_ids=() blobs=()
  shift 3
  if [ "$form" = old ]; then
    "$LAB_LESSON/../../examples/make-image" "$output" lesson:latest "$config" "$@"
    return
  fi
  stage=$(mktemp -d)
  mkdir -p "$stage/blobs/sha256"
  for tree; do
    (cd "$tree" && find . -mindepth 1 -printf '%P\n' | sort |
      tar --no-recursion --numeric-owner --format=ustar -cf "$stage/layer" -T -)
    diff_ids+=("sha256:$(sha256 < "$stage/layer")")
    if [ "$form" = packed ]; then gzip -n "$stage/layer" && mv "$stage/layer.gz" "$stage/layer"; fi
    digest=$(sha256 < "$stage/layer")
    mv "$stage/layer" "$stage/blobs/sha256/$digest"
    blobs+=("blobs/sha256/$digest")
  done
  jq -cn --argjson config "$config" '{architecture: "amd64", os: "linux", config: $config,
    rootfs: {type: "layers", diff_ids: $ARGS.positional}}' --args "${diff_ids[@]}" > "$stage/config"
  digest=$(sha256 < "$stage/config")
  mv "$stage/config" "$stage/blobs/sha256/$digest"
  jq -cn --arg config "blobs/sha256/$digest" '[{Config: $config, RepoTags: ["lesson:latest"], Layers: $ARGS.positional}]' \
    --args "${blobs[@]}" > "$stage/manifest.json"
  tar -C "$stage" --sort=name -cf "$output" blobs manifest.json # not compressed, as docker save writes it
  rm -rf "$stage"
}

# layer_paths IMAGE: the paths of the layers in the archive, the lowest first.
layer_paths() { tar -xOf "$1" manifest.json | jq -r '.[0].Layers[]'; }

# is_mixed IMAGE: does the archive hold the layers in another order than they are stacked?
is_mixed() { [ "$(layer_paths "$1")" != "$(tar -tf "$1" | grep -xF "$(layer_paths "$1")")" ]; }
