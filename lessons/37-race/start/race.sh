#!/bin/bash
# race.sh STORE ARCHIVE: loads ARCHIVE twice, and both are in the middle at the same time.

../minirun --root "$1" load "$2" > /dev/null
first=$?
../minirun --root "$1" load "$2" > /dev/null
second=$?
echo "statuses: $first $second"
