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
  local file=$1 path=$2 status
  shift 2
  status=$(curl -s -D "$work/headers" -o "$file" -w '%{http_code}' ${token:+-H "Authorization: Bearer $token"} "$@" "http://$host$path")
  if [ "$status" = 401 ] && [ -z "$token" ]; then
    get_token
    get "$file" "$path" "$@"
    return
  fi
  [ "$status" = 200 ] || { rm -f "$file" && echo "pull.sh: GET $path: $status" >&2 && exit 1; }
}

# The 401 comes with a line that says where to ask, and with which words.
get_token() {
  local challenge
  challenge=$(grep -i '^www-authenticate: bearer' "$work/headers")
  word() { sed -nE "s/.*$1=\"([^\"]*)\".*/\1/p" <<< "$challenge"; }
  token=$(curl -sSfG --data-urlencode "service=$(word service)" --data-urlencode "scope=$(word scope)" "$(word realm)" | jq -r .token)
}

# blob DIGEST: gets it into the layout.
blob() {
  local file=$layout/blobs/sha256/${1#sha256:}
  # Not its name says that it is there, but its bytes.
  if [ -e "$file" ] && [ "$(digest_of "$file")" = "$1" ]; then return; fi
  get "$file" "/v2/$name/blobs/$1"
  verify "$file" "$1"
}

verify() { # verify FILE DIGEST
  [ "$(digest_of "$1")" = "$2" ] || { echo "pull.sh: other bytes came than $2" >&2 && exit 1; }
}

accept=()
for type in application/vnd.oci.image.{index,manifest}.v1+json application/vnd.docker.distribution.manifest.{list.,}v2+json; do
  accept+=(-H "Accept: $type")
done
get "$work/document" "/v2/$name/manifests/$tag" "${accept[@]}"

if jq -e .manifests "$work/document" > /dev/null; then
  machine=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
  manifest=$(jq -r --arg machine "$machine" '.manifests[] | select(.platform.architecture == $machine) | .digest' "$work/document")
  [ -n "$manifest" ] || { echo "pull.sh: there is none for $machine" >&2 && exit 1; }
  get "$work/document" "/v2/$name/manifests/$manifest" "${accept[@]}"
  verify "$work/document" "$manifest"
fi

manifest=$(digest_of "$work/document")
cp "$work/document" "$layout/blobs/sha256/${manifest#sha256:}"

for digest in $(jq -r '.config.digest, .layers[].digest' "$work/document"); do
  blob "$digest"
done

echo '{"imageLayoutVersion": "1.0.0"}' > "$layout/oci-layout"
jq --arg digest "$manifest" --argjson size "$(stat -c %s "$work/document")" \
  '{schemaVersion: 2, manifests: [{mediaType: .mediaType, digest: $digest, size: $size}]}' "$work/document" > "$layout/index.json"
