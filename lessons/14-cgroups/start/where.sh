#!/bin/sh
# usage: where.sh PID CONTROLLER       where.sh 4242 memory
# Prints the directory of the cgroup that limits the process: with cgroup v2 one for all controllers, with v1 one for each.

# "0::/path" is the group of v2, "4:memory:/path" or "3:cpu,cpuacct:/path" are those of v1.
if grep -qsw "$2" /sys/fs/cgroup/cgroup.controllers; then
  top=/sys/fs/cgroup path=$(sed -n 's/^0:://p' "/proc/$1/cgroup")
else
  top=/sys/fs/cgroup/$2 path=$(sed -nE "s/^[0-9]+:([^:]*,)?$2(,[^:]*)?://p" "/proc/$1/cgroup")
fi
# A part of the tree may be mounted there, not the whole. The fourth word of the line says which part.
part=$(awk -v top="$top" '$5 == top { part = $4 } END { print part }' /proc/self/mountinfo)
echo "$top${path#"${part%/}"}"
