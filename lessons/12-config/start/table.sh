#!/usr/bin/env bash
# usage: sudo ./table.sh                        compares your answers in table.txt with what minirun's containers print
#        sudo RUNNER=./run.sh ./table.sh        the same, with your own runner
# Nothing here is to be changed.
set -euo pipefail
table=${1:-table.txt} runner=${RUNNER:-../minirun}

# row LINE: sets number, config, options, command and answer, without the blanks around them.
row() {
  local fields field
  IFS='|' read -r -a fields <<< "$1"
  for field in 0 1 2 3 4; do
    read -r "fields[$field]" <<< "${fields[field]-}"
  done
  number=${fields[0]} config=${fields[1]} options=${fields[2]} command=${fields[3]} answer=${fields[4]}
}

empty=0 count=0
while read -r line; do
  row "$line"
  count=$((count + 1))
  [ -n "$answer" ] || empty=$((empty + 1))
done < <(grep -v '^#' "$table")
if [ "$empty" != 0 ]; then
  echo "$table: $empty of $count answers are missing. First you, then the machine."
  exit 1
fi

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
export MINIRUN_ROOT=$work/store STORE=$work/store
mkdir -p "$work"/1/{bin,etc,home/student}
cp /bin/busybox "$work/1/bin/"
for name in sh id touch; do ln -s busybox "$work/1/bin/$name"; done
for name in one two three; do
  # shellcheck disable=SC2016  # for the shell inside
  printf '#!/bin/sh\necho "${0##*/}" "$@"\n' > "$work/1/bin/$name"
  chmod 755 "$work/1/bin/$name"
done
printf 'root:x:0:0:root:/root:/bin/sh\nstudent:x:1000:1000::/home/student:/bin/sh\n' > "$work/1/etc/passwd"
printf 'root:x:0:\nstudent:x:1000:\n' > "$work/1/etc/group"
chmod -R go+rX "$work/1"

# One image is made whole. The others have its layer and another config, whose name is its digest (lesson 4).
../examples/make-image "$work/image.tar.gz" table:latest '{}' "$work/1"
mkdir "$work/image"
tar -xzf "$work/image.tar.gz" -C "$work/image"
mv "$work/image/manifest.json" "$work/manifest"
mv "$work/image"/*.json "$work/config"

# make_image FILE CONFIG
make_image() {
  local name
  jq -c --argjson config "$2" '.config = $config' "$work/config" > "$work/new"
  name=$(sha256sum < "$work/new" | cut -d ' ' -f 1).json
  mv "$work/new" "$work/image/$name"
  jq -c --arg name "$name" '.[0].Config = $name' "$work/manifest" > "$work/image/manifest.json"
  (cd "$work/image" && tar -cf "$1" manifest.json "$name" -- */)
}

unset A
equal=0
declare -A images
while read -r line; do
  row "$line"
  if [ -z "${images[$config]-}" ]; then
    images[$config]=$work/$number.tar
    make_image "${images[$config]}" "$config"
  fi
  # shellcheck disable=SC2034  # the next line uses it
  image=${images[$config]}
  words=()
  eval "words=($options \"\$image\" $command)" # as a shell reads them
  printed=$("$runner" run "${words[@]}" 2>&1 < /dev/null | tr '\n' ' ') || true
  printed=${printed% }
  if [ "$printed" = "$answer" ]; then
    equal=$((equal + 1))
  else
    echo "$number  you: $answer    machine: $printed"
  fi
done < <(grep -v '^#' "$table")
echo "$equal of $count are as you said."
