#!/bin/bash
# full.sh DIR ARCHIVE: the disk on DIR is full in the middle of a load; then there is room again.

mkdir -p "$1"
mount -t tmpfs -o size=16m disk "$1"
half=$(($(stat -c %s "$2") / 2))
{
  head -c "$half" "$2"
  sleep 1
  head -c 100M /dev/zero 2> /dev/null > "$1/filler"
  tail -c "+$((half + 1))" "$2"
} | ../minirun --root "$1/store" load - > /dev/null
echo "full: ${PIPESTATUS[1]}"

:
../minirun --root "$1/store" load "$2" > /dev/null
echo "room: $?"
