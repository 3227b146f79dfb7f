#!/bin/bash
# shellcheck disable=SC2016  # for the shell inside
# bomb.sh IMAGE: a fork bomb in a container that may have 20 processes.

bomb='(for i in $(seq 200); do sleep 1000 & done); sleep 1000'
{
  until groups=$(find /sys/fs/cgroup -maxdepth 1 -name "minirun-*" | grep .); do sleep 0.1; done
  echo 20 > "$groups/pids.max"
  echo go
  sleep 1000
} | ../minirun -i "$1" sh -c "read go; $bomb"
