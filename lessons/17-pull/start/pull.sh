#!/usr/bin/env bash
# Pulls an image from a registry on this machine into a directory (an OCI layout).
# usage: ./pull.sh HOST:PORT/NAME:TAG DIRECTORY
set -euo pipefail
reference=$1 layout=$2
host=${reference%%/*} name=${reference#*/} tag=${reference##*:}
name=${name%:*}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
token=''
mkdir -p "$layout/blobs/sha256"

digest_of() { echo "sha256:$(sha256sum < "$1" | cut -d ' ' -f 1)"; } # digest_of FILE

# get FILE PATH [OPTION...]: asks the registry, and writes what it sends into FILE. Options are curl's.
get() {
  local file=$1 path=$2
  shift 2
  # TODO 5: where the registry answers 401, ask for a token first, and set token
  curl -sSf ${token:+-H "Authorization: Bearer $token"} "$@" -o "$file" "http://$host$path"
}

# blob DIGEST: gets it into the layout.
blob() {
  # TODO 3: are these the bytes that were asked for?
  # TODO 4: is it there already?
  get "$layout/blobs/sha256/${1#sha256:}" "/v2/$name/blobs/$1"
}

# TODO 1: say which types you understand. Then a manifest comes, of an image for one platform alone.
get "$work/document" "/v2/$name/manifests/$tag"

# TODO 2: or an index comes: choose the manifest for this machine. `uname -m` says x86_64 where an index says amd64,
# and aarch64 for arm64.

manifest=$(digest_of "$work/document")
cp "$work/document" "$layout/blobs/sha256/${manifest#sha256:}"

for digest in $(jq -r '.config.digest, .layers[].digest' "$work/document"); do
  blob "$digest"
done

echo '{"imageLayoutVersion": "1.0.0"}' > "$layout/oci-layout"
# TODO 1: index.json, which names the manifest: its mediaType, digest and size
