#!/bin/bash
# save.sh DIR NAME: saves what it reads as DIR/NAME. The power may go off at any moment.
set -e
new=$(mktemp "$1/.new-XXXXXX")
trap 'rm -f "$new"' EXIT
cat > "$new"
sync "$new"
mv "$new" "$1/$2"
sync "$1"
