#!/bin/sh
# usage: find.sh PID
# Prints what was left out when the container of this process was made, one word: masks, read-only-paths, seccomp, caps,
# network-namespace, ipc-namespace or nothing.

# TODO: what does /proc say of process "$1"?
