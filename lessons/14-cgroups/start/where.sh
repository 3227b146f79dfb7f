#!/bin/sh
# usage: where.sh PID CONTROLLER       where.sh 4242 memory
# Prints the directory of the cgroup that limits the process: with cgroup v2 one for all controllers, with v1 one for each.

# "0::/path" is the group of v2, "4:memory:/path" or "3:cpu,cpuacct:/path" are those of v1.
if grep -qsw "$2" /sys/fs/cgroup/cgroup.controllers; then
  echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$1/cgroup")"
else
  echo "/sys/fs/cgroup/$2$(sed -nE "s/^[0-9]+:([^:]*,)?$2(,[^:]*)?://p" "/proc/$1/cgroup")"
fi
