#!/bin/bash
# killed.sh STORE ARCHIVE: kills a runner with KILL and prints what is left: the container's directory, and its cgroup.

../minirun --root "$1" "$2" sleep 1000 &
runner=$!
kill "$runner"
