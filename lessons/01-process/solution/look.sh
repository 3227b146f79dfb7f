#!/bin/sh
# usage: look.sh PID
# Prints one line: which number the process has for itself, and which namespaces it does not share with us.

pid=$1

# "NSpid:  4242  1": one number for each pid namespace that the process is in, the innermost last.
number=$(awk '/^NSpid:/ { print $NF }' "/proc/$pid/status")

others=''
for kind in cgroup ipc mnt net pid uts; do
  [ "$(readlink "/proc/$pid/ns/$kind")" = "$(readlink "/proc/self/ns/$kind")" ] || others="$others $kind"
done

echo "$number$others"
