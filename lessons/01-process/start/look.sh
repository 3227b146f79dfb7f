#!/bin/sh
# usage: look.sh PID
# Prints one line: which number the process has for itself, and which namespaces it does not share with us.
# The kinds to look at are cgroup, ipc, mnt, net, pid and uts, in this order. For example:
#
#   1 ipc pid uts

pid=$1

number=$pid   # TODO: which number has it inside? /proc/PID/status knows.
others=''     # TODO: for which kinds is /proc/PID/ns/KIND another one than ours?

echo "$number$others"
