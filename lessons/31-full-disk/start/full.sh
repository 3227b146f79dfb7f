#!/bin/bash
# full.sh DIR ARCHIVE: the disk on DIR is full in the middle of a load; then there is room again.

mkdir -p "$1"
mount -t tmpfs -o size=16m disk "$1"
../minirun --root "$1/store" load "$2"
echo "full: $?"
