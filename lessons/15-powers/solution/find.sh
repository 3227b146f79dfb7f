#!/bin/sh
# usage: find.sh PID
# Prints what was left out when the container of this process was made, one word: masks, read-only-paths, seccomp, caps,
# network-namespace, ipc-namespace or nothing.

pid=$1

status() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$pid/status"; }
shared() { [ "$(readlink "/proc/$pid/ns/$1")" = "$(readlink "/proc/self/ns/$1")" ]; }
mounted() { awk -v path="$1" '$5 == path { found = 1 } END { exit !found }' "/proc/$pid/mountinfo"; }

if [ "$(status Seccomp)" = 0 ]; then
  echo seccomp
elif [ "$(status CapBnd)" = "$(awk '/^CapBnd/ { print $2 }' /proc/self/status)" ]; then
  echo caps
elif shared net; then
  echo network-namespace
elif shared ipc; then
  echo ipc-namespace
elif ! mounted /proc/sys; then
  echo read-only-paths
elif ! mounted /proc/interrupts; then
  echo masks
else
  echo nothing
fi
