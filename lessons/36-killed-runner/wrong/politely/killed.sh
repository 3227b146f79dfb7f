#!/bin/bash
# killed.sh STORE ARCHIVE: kills a runner with KILL and prints what is left: the container's directory, and its cgroup.

../minirun --root "$1" "$2" sleep 1000 > /dev/null &
runner=$!
until pgrep -fx 'sleep 1000' > /dev/null; do sleep 0.1; done
kill -TERM "$runner"
wait

for directory in "$1"/containers/*; do
  echo "$directory"
  echo "$(findmnt -nlt cgroup2 -o TARGET | head -n 1)/minirun-${directory##*/}"
done
