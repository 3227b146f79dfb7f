#!/bin/bash
# shellcheck disable=SC2016  # for the shell inside
# oom.sh IMAGE: a container that may have 32 MiB. Its shell starts an eater of memory, and waits for it.

eater='x=a; while :; do x=$x$x; done'
{
  until group=$(find /sys/fs/cgroup -maxdepth 1 -name 'minirun-*' | grep .); do sleep 0.1; done
  echo 1 > "$group/memory.oom.group"
  echo go
} | ../minirun -i -m 32m -e EATER="$eater" "$1" sh -c 'read go; sh -c "$EATER" & wait $!; echo "still here: $?"'
